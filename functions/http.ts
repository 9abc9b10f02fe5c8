import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { lambdaFunction, timeLeft } from '../lib/aws/lambda-function.ts'
import { createReversalQueue } from '../lib/aws/reversal-queue.ts'
import { createService } from '../lib/aws/service.ts'
import { required } from '../lib/aws/settings.ts'
import { count, logFailure, logQueryFailure, logResult } from '../lib/aws/telemetry.ts'
import { parseReverseRequest, parseStateRequest, prefersAsync } from '../lib/http/request.ts'
import { accepted, jsonResponse, problem, problemOf, stateResponse } from '../lib/http/response.ts'
import { BACKOFF } from '../lib/reversal/backoff.ts'
import { isFinal, ReversalError } from '../lib/reversal/errors.ts'
import { type Order, parseOrder } from '../lib/reversal/order.ts'
import { orderFieldsOf } from '../lib/reversal/order-fields.ts'
import type { Pending } from '../lib/reversal/result.ts'
import { formatTime } from '../lib/reversal/time.ts'

const { attempt, lookUp, merchants } = createService(process.env)
const queue = createReversalQueue({ queueUrl: required(process.env, 'QUEUE_URL') })

/** Kept for the hand-over to the queue. */
const RESERVED_MS = 3_000

/** `POST …/{out_trade_no}/reverse` reverses, `GET …/{out_trade_no}?mchid=…` only looks. */
export const handler = lambdaFunction(async (event: APIGatewayProxyEventV2, context) => {
  const msLeft = timeLeft(context, RESERVED_MS)
  const { method } = event.requestContext.http
  if (method === 'POST') return await reverse(event, msLeft)
  if (method === 'GET') return await state(event, msLeft)
  return problem(405, 'MethodNotAllowed', 'POST reverses an order, GET tells its state')
})

type Response = Promise<APIGatewayProxyStructuredResultV2>

async function reverse(event: APIGatewayProxyEventV2, msLeft: () => number): Response {
  const seenAt = Date.now()
  let input: unknown = event.pathParameters
  try {
    input = parseReverseRequest(event)
    const order = parseOrder(input, seenAt)
    if (prefersAsync(event)) return await queueAsAsked(order, seenAt)
    const result = await attempt(order, { seenAt, msLeft })
    logResult(result)
    if (result.outcome !== 'PENDING') return jsonResponse(200, result)
    await handOver(order, result, result.retry_after)
    return accepted(result)
  } catch (error) {
    logFailure(orderFieldsOf(input), error)
    return problemOf(error)
  }
}

async function state(event: APIGatewayProxyEventV2, msLeft: () => number): Response {
  try {
    return stateResponse(await lookUp(parseStateRequest(event), msLeft))
  } catch (error) {
    logQueryFailure({ ...orderFieldsOf(event.pathParameters), ...orderFieldsOf(event.queryStringParameters) }, error)
    return problemOf(error)
  }
}

/** Before anybody is told 202, the queue has the order. */
async function handOver({ message }: Order, { history }: Pending, delaySeconds: number) {
  try {
    await queue.put({ ...message, history }, delaySeconds)
  } catch (cause) {
    count('HandOverFailed')
    const detail = 'the order is not finished and could not be put on the queue: send it again'
    throw new ReversalError('HandOverFailed', detail, {}, { cause })
  }
}

/** Straight to the queue, as the caller prefers. That the merchant is none of ours is said at once all the same. */
async function queueAsAsked(order: Order, seenAt: number): Response {
  const { mchid, appid, out_trade_no, message } = order
  await merchants.find(mchid).catch((error: unknown) => {
    // Keys that cannot be read now can be later.
    if (isFinal(error)) throw error
  })
  const history = { first_seen_at: formatTime(seenAt), ...message.history }
  const retry_after = BACKOFF.firstSeconds
  const pending: Pending = {
    mchid,
    appid,
    out_trade_no,
    outcome: 'PENDING',
    reason: 'queued as asked',
    retry_after,
    history,
  }
  await handOver(order, pending, 0)
  return accepted(pending, { 'Preference-Applied': 'respond-async' })
}
