/** The merchant's order number: 1 to 32 digits, letters, `_`, `-` and `*`; case counts (official: the reverse page). */
export const OUT_TRADE_NO = /^[0-9A-Za-z_\-*]{1,32}$/
