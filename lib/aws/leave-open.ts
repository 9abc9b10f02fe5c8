import { createLeaveOpen, type LeaveOpen } from '../settlement/leave-open.ts'
import { settlementNotQueued } from './telemetry.ts'

/**
 * Puts open outcomes on the settlement queue; without `SETTLEMENT_QUEUE_URL` nothing is settled. The client is loaded when
 * the first one comes: most reversals need none.
 */
export function leaveOpenOn(queueUrl: string | undefined): LeaveOpen {
  if (queueUrl === undefined) return async () => {}
  return createLeaveOpen({
    async put(message) {
      const { createSettlementQueue } = await import('./settlement-queue.ts')
      await createSettlementQueue({ queueUrl }).put(message)
    },
    failed: settlementNotQueued,
  })
}
