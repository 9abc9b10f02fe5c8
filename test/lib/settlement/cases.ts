import type { OpenOutcome, OpenOutcomeName } from '../../../lib/settlement/open-outcome.ts'
import type { BillRow } from '../../../lib/wechatpay/bill-columns.ts'

/** A time in China. */
export const at = (text: string) => Date.parse(`${text}+08:00`)

/** Reversed, kept or not found on 27 November 2026. */
export const open = (outcome: OpenOutcomeName, otherwise: Partial<OpenOutcome> = {}): OpenOutcome => ({
  ref: { mchid: '1900000001', appid: 'wx1', out_trade_no: 'A' },
  outcome,
  ifPaid: undefined,
  attemptedAt: '2026-11-27T12:00:00+08:00',
  attemptedAtMs: at('2026-11-27T12:00:00'),
  confirmedAtMs: at('2026-11-27T12:01:00'),
  ...otherwise,
})

export const row = (state: string, otherwise: Partial<BillRow> = {}): BillRow => ({
  out_trade_no: 'A',
  time: '2026-11-27 12:00:00',
  sub_mchid: null,
  state,
  paidFen: state === 'SUCCESS' ? 1230 : 0,
  returnedFen: state === 'SUCCESS' ? 0 : 1230,
  refundState: state === 'SUCCESS' ? '' : 'SUCCESS',
  fields: {},
  ...otherwise,
})
