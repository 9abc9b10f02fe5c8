import { lambdaFunction, timeLeft } from '../lib/aws/lambda-function.ts'
import { RESERVED_MS } from '../lib/aws/patience.ts'
import { createService } from '../lib/aws/service.ts'
import { logFailure, logResult } from '../lib/aws/telemetry.ts'
import { resultOf } from '../lib/reversal/attempt.ts'
import { parseOrder } from '../lib/reversal/order.ts'
import { orderFieldsOf } from '../lib/reversal/order-fields.ts'

const { attempt } = createService(process.env)

/** One attempt on the order that is the event. Pending is returned, refusals are thrown under their names. */
export const handler = lambdaFunction(async (event: unknown, context) => {
  const seenAtMs = Date.now()
  try {
    const order = parseOrder(event, seenAtMs)
    const result = resultOf(await attempt(order, { seenAtMs, msLeft: timeLeft(context, RESERVED_MS.step) }))
    logResult(result)
    return result
  } catch (error) {
    logFailure(orderFieldsOf(event), error)
    throw error
  }
})
