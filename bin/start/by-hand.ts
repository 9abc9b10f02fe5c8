import { interrupted } from '../operator/interrupted.ts'
import { announceLocalStage } from '../operator/local-stage.ts'
import { showRequest } from '../operator/wechatpay-request.ts'
import type { Booted } from './boot.ts'
import { attemptedAt } from './runs.ts'
import { showHandsOn } from './show.ts'

/** Says what one needs to go on by hand, and shows every further call until Ctrl-C. */
export async function stayOpen({ stack, stage, logFile, requestListeners }: Booted) {
  const order = { ...stage.merchant, out_trade_no: 'by-hand-1' }
  await stage.control('PUT', `/orders/${order.mchid}/${order.out_trade_no}`, { state: 'SUCCESS' })
  const conceal = await announceLocalStage(stage.local)
  const ended = interrupted()
  showHandsOn({ stack, local: stage.local, logFile, order, attempted_at: attemptedAt(stage) })
  requestListeners.push(showRequest)
  await ended
  await conceal()
}
