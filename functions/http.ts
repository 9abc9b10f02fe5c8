import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { parseReverseRequest, parseStateRequest, prefersAsync } from '../lib/aws/http-request.ts'
import { jsonResponse, problem, problemOf } from '../lib/aws/http-response.ts'
import { lambdaFunction, timeLeft } from '../lib/aws/lambda-function.ts'
import { createReversalQueue } from '../lib/aws/reversal-queue.ts'
import { createService } from '../lib/aws/service.ts'
import { required } from '../lib/aws/settings.ts'
import { count, logFailure, logResult } from '../lib/aws/telemetry.ts'
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
  const known = { out_trade_no: event.pathParameters?.out_trade_no }
  try {
    if (method === 'POST') return await reverse(event, known, msLeft)
    if (method === 'GET') return await state(event, msLeft)
    return problem(405, 'MethodNotAllowed', 'POST reverses an order, GET tells its state')
  } catch (error) {
    logFailure(orderFieldsOf(known), error)
    return problemOf(error)
  }
})

async function reverse(
  event: APIGatewayProxyEventV2,
  known: object,
  msLeft: () => number,
): Promise<APIGatewayProxyStructuredResultV2> {
  const seenAt = Date.now()
  const input = parseReverseRequest(event)
  Object.assign(known, orderFieldsOf(input))
  const order = parseOrder(input, seenAt)
  if (prefersAsync(event)) {
    await assertNotRefused(order)
    return await handOver(order, queuedAsAsked(order, seenAt), { 'Preference-Applied': 'respond-async' })
  }
  const result = await attempt(order, { seenAt, msLeft })
  logResult(result)
  return result.outcome === 'PENDING' ? await handOver(order, result) : jsonResponse(200, result)
}

async function state(event: APIGatewayProxyEventV2, msLeft: () => number): Promise<APIGatewayProxyStructuredResultV2> {
  const result = await lookUp(parseStateRequest(event), msLeft)
  if (result.found === true) return jsonResponse(200, result.state)
  if (result.found === false) {
    return problem(404, 'OrderNotFound', 'WeChat Pay knows no such order under this mchid, or not yet', result.answer)
  }
  const headers = { 'Retry-After': String(BACKOFF.firstSeconds) }
  return problem(503, 'NothingVerified', 'no verified answer about the order came back: try again', {}, headers)
}

/** 202 only after the queue has the order. */
async function handOver(order: Order, pending: Pending, headers: Record<string, string> = {}) {
  try {
    await queue.put({ ...order.message, history: pending.history }, pending.retry_after)
  } catch (error) {
    count('HandOverFailed')
    const detail = 'the order is not finished and could not be put on the queue: send it again'
    throw new ReversalError('HandOverFailed', detail, {}, { cause: error })
  }
  const { mchid, out_trade_no, retry_after } = pending
  return jsonResponse(202, pending, {
    ...headers,
    'Retry-After': String(retry_after),
    Location: `/v3/pay/transactions/out-trade-no/${out_trade_no}?mchid=${encodeURIComponent(mchid)}`,
  })
}

/** Whoever asks for no answer still hears that the merchant is none of ours; keys that cannot be read now can be later. */
async function assertNotRefused({ mchid }: Order) {
  await merchants.find(mchid).catch((error: unknown) => {
    if (isFinal(error)) throw error
  })
}

function queuedAsAsked({ mchid, appid, out_trade_no, message }: Order, seenAt: number): Pending {
  const history = { first_seen_at: formatTime(seenAt), ...message.history }
  return {
    mchid,
    appid,
    out_trade_no,
    outcome: 'PENDING',
    reason: 'queued as asked',
    retry_after: BACKOFF.firstSeconds,
    history,
  }
}
