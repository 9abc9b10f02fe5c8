import { lambdaFunction } from '../lib/aws/lambda-function.ts'
import { leaveOpenOn } from '../lib/aws/leave-open.ts'
import { createService } from '../lib/aws/service.ts'
import { readSettlementQueue } from '../lib/aws/settings.ts'
import { logFailure, logResult } from '../lib/aws/telemetry.ts'
import { resultOf } from '../lib/reversal/attempt.ts'
import { parseOrder } from '../lib/reversal/order.ts'
import { orderFieldsOf } from '../lib/reversal/order-fields.ts'

const { attempt } = createService(process.env)
const leaveOpen = leaveOpenOn(readSettlementQueue(process.env))

/** One attempt on the order that is the event. Pending is returned, refusals are thrown under their names. */
export const handler = lambdaFunction('step', async (event: unknown, msLeft) => {
  const seenAtMs = Date.now()
  try {
    const order = parseOrder(event, seenAtMs)
    const result = resultOf(await attempt(order, { seenAtMs, msLeft }))
    logResult(result)
    if (result.outcome !== 'PENDING') await leaveOpen(order, result)
    return result
  } catch (error) {
    logFailure(orderFieldsOf(event), error)
    throw error
  }
})
