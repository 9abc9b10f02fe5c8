import { inLanguage } from '../language/in-language.ts'

export const text = inLanguage({
  en: {
    description:
      'Tells how an order stands, by a verified answer. Reverses nothing.\nExit code 0: it does, 1: no such order, 2: nothing verified came back.',
    look: 'look',
    keepAnswer: 'and keep the signed answer',
    outTradeNo: "the merchant's order number",
    evidence: 'keep the state with its signed answer, for npm run verify',
    json: 'print the state as JSON',
    badNumber: 'out_trade_no: must be 1 to 32 digits, letters, "_", "-" or "*"',
    correctNumber: 'Correct the number.',
    unknownOrder: (number: string, owner: string) => `WeChat Pay knows no order ${number} of ${owner}, or not yet`,
    lookAtNumber: 'Look at the number and the merchant. A payment of the last minutes may still arrive.',
    nothingVerified: 'nothing verified came back',
    nothingVerifiedBut: (said: string) => `nothing verified came back; the answer was ${said}`,
    tryAgain: (doctor: string) => `Try again; if it stays so: ${doctor}`,
    found: (state: string, meaning: string) => `${state}: ${meaning}`,
  },
  'zh-CN': {
    description:
      '查一笔订单，以验签通过的应答为准。不撤销任何订单。\n退出码 0：查到了；1：没有这笔订单；2：没有得到验签通过的应答。',
    look: '查单',
    keepAnswer: '并留存签名应答',
    outTradeNo: '商户订单号',
    evidence: '留存订单状态和签名应答，供 npm run verify 检验',
    json: '以 JSON 输出订单状态',
    badNumber: 'out_trade_no：必须是 1 到 32 个数字、字母、"_"、"-" 或 "*"',
    correctNumber: '请改正订单号。',
    unknownOrder: (number, owner) => `微信支付没有${owner} 的订单 ${number}，或尚未到达`,
    lookAtNumber: '请核对订单号和商户。几分钟之内的付款可能还在路上。',
    nothingVerified: '没有得到验签通过的应答',
    nothingVerifiedBut: (said) => `没有得到验签通过的应答；收到的是 ${said}`,
    tryAgain: (doctor) => `请再试一次；如果仍然这样：${doctor}`,
    found: (state, meaning) => `${state}：${meaning}`,
  },
})
