/** The states of an order (official: the query page). REVOKED, USERPAYING and PAYERROR exist for pay codes only. */
export const TRADE_STATES = ['SUCCESS', 'REFUND', 'NOTPAY', 'CLOSED', 'REVOKED', 'USERPAYING', 'PAYERROR'] as const

export type TradeState = (typeof TRADE_STATES)[number]

export const isTradeState = (value: unknown): value is TradeState => TRADE_STATES.includes(value as TradeState)

/**
 * States on which something irreversible may follow: an answer that claims one must name the order it speaks of.
 * USERPAYING alone is known to come without (reported by merchants).
 */
export const MUST_NAME_ORDER: ReadonlySet<unknown> = new Set(TRADE_STATES.filter((state) => state !== 'USERPAYING'))
