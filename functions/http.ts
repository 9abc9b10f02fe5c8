import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { lambdaFunction } from '../lib/aws/lambda-function.ts'
import { leaveOpenOn } from '../lib/aws/leave-open.ts'
import { createReversalQueue } from '../lib/aws/reversal-queue.ts'
import { createService } from '../lib/aws/service.ts'
import { readSettlementQueue, required } from '../lib/aws/settings.ts'
import { handOverReport, logFailure, logQueryFailure } from '../lib/aws/telemetry.ts'
import { kindOfRequest, parseReverseRequest, parseStateRequest, prefersAsync } from '../lib/http/request.ts'
import {
  accepted,
  jsonResponse,
  problem,
  problemOf,
  problemOfReverse,
  queuedAsAsked,
  stateResponse,
} from '../lib/http/response.ts'
import { createHandOver } from '../lib/queue/hand-over.ts'
import { parseOrder } from '../lib/reversal/order.ts'
import { orderFieldsOf } from '../lib/reversal/order-fields.ts'

const { attempt, lookUp, merchants } = createService(process.env)
const queue = createReversalQueue({ queueUrl: required(process.env, 'QUEUE_URL') })
const leaveOpen = leaveOpenOn(readSettlementQueue(process.env))
const { reverse, enqueue } = createHandOver({ attempt, merchants, queue, leaveOpen, report: handOverReport })

type Response = Promise<APIGatewayProxyStructuredResultV2>

/** `POST …/{out_trade_no}/reverse` reverses, `GET …/{out_trade_no}?…` only looks. */
export const handler = lambdaFunction('http', async (event: APIGatewayProxyEventV2, msLeft) => {
  const { method } = event.requestContext.http
  if (method === 'POST') return await post(event, msLeft)
  if (method === 'GET') return await get(event, msLeft)
  return problem(405, 'MethodNotAllowed', 'POST reverses an order, GET tells its state')
})

async function post(event: APIGatewayProxyEventV2, msLeft: () => number): Response {
  const seenAtMs = Date.now()
  let input: unknown = event.pathParameters
  try {
    input = parseReverseRequest(event)
    const order = parseOrder(input, seenAtMs, kindOfRequest(event))
    if (prefersAsync(event)) return queuedAsAsked(await enqueue(order, seenAtMs))
    const result = await reverse(order, { seenAtMs, msLeft })
    return result.outcome === 'PENDING' ? accepted(result) : jsonResponse(200, result)
  } catch (error) {
    logFailure(orderFieldsOf(input), error)
    return problemOfReverse(error)
  }
}

async function get(event: APIGatewayProxyEventV2, msLeft: () => number): Response {
  try {
    return stateResponse(await lookUp(parseStateRequest(event), msLeft))
  } catch (error) {
    logQueryFailure({ ...orderFieldsOf(event.pathParameters), ...orderFieldsOf(event.queryStringParameters) }, error)
    return problemOf(error)
  }
}
