import { lambdaFunction } from '../lib/aws/lambda-function.ts'
import { createService } from '../lib/aws/service.ts'
import { logFailure, logResult } from '../lib/aws/telemetry.ts'
import { resultOf } from '../lib/reversal/attempt.ts'
import { parseOrder } from '../lib/reversal/order.ts'
import { orderFieldsOf } from '../lib/reversal/order-fields.ts'

const { attempt } = createService(process.env)

/** One attempt on the order that is the event. Pending is returned, refusals are thrown under their names. */
export const handler = lambdaFunction('step', async (event: unknown, msLeft) => {
  const seenAtMs = Date.now()
  try {
    const result = resultOf(await attempt(parseOrder(event, seenAtMs), { seenAtMs, msLeft }))
    logResult(result)
    return result
  } catch (error) {
    logFailure(orderFieldsOf(event), error)
    throw error
  }
})
