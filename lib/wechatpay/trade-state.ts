/** Official: https://pay.weixin.qq.com/doc/v3/merchant/4012556352. */
export const TRADE_STATES = ['SUCCESS', 'REFUND', 'NOTPAY', 'CLOSED', 'REVOKED', 'USERPAYING', 'PAYERROR'] as const

export type TradeState = (typeof TRADE_STATES)[number]

export const isTradeState = (value: unknown): value is TradeState => TRADE_STATES.includes(value as TradeState)

/** What follows from these states cannot be undone, so the answer must name the order. USERPAYING may come without (reported by merchants). */
export const MUST_NAME_ORDER: ReadonlySet<unknown> = new Set(TRADE_STATES.filter((state) => state !== 'USERPAYING'))
