/** The merchant's order number: 1 to 32 digits, letters, `_`, `-` and `*`; case counts (official: the reverse page). */
export const OUT_TRADE_NO = /^[0-9A-Za-z_\-*]{1,32}$/

/** The request target of an order. Nothing in it needs escaping: `*` stays as it is, as the official Java sample sends it. */
export function orderPath(out_trade_no: string): string {
  if (!OUT_TRADE_NO.test(out_trade_no)) throw new RangeError('out_trade_no is not one of WeChat Pay')
  return `/v3/pay/transactions/out-trade-no/${out_trade_no}`
}
