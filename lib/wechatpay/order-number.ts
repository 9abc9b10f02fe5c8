/** Official: https://pay.weixin.qq.com/docs/merchant/apis/code-payment-v3/direct/reverse.html. Case counts. */
export const OUT_TRADE_NO = /^[0-9A-Za-z_\-*]{1,32}$/
