/** The states of an order (official: the query page). REVOKED, USERPAYING and PAYERROR exist for pay codes only. */
export const TRADE_STATES = ['SUCCESS', 'REFUND', 'NOTPAY', 'CLOSED', 'REVOKED', 'USERPAYING', 'PAYERROR'] as const

export type TradeState = (typeof TRADE_STATES)[number]

export const isTradeState = (value: unknown): value is TradeState => TRADE_STATES.includes(value as TradeState)

/** States that end an order, or prove a payment: an answer that claims one must name the order it speaks of. */
export const MUST_NAME_ORDER: ReadonlySet<unknown> = new Set<TradeState>(['SUCCESS', 'REFUND', 'CLOSED', 'REVOKED'])
