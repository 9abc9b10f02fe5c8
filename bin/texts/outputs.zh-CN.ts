/** What the stack's outputs are, by their names. English stands in the template itself. A test holds it complete. */
const OUTPUTS: Readonly<Record<string, string>> = {
  HttpApiId: 'HTTP API 的 ID',
  HttpApiUrl: 'HTTP API 的地址',
  ReversalQueueUrl: '付款超时的订单发到这里',
  DeadLetterQueueUrl: '需要人处理的订单',
  SettlementQueueUrl: '等待账单的结果',
  StateMachineArn: '启动它：发起一笔交易，或撤销一笔订单',
  EventBusName: '队列里的订单有了结果，由它告知',
  MerchantSecretPrefix: '商户 secret 的名称：它加上斜杠和商户号',
  MerchantKeyArn: '加密商户 secret 的 KMS 密钥',
  MerchantSecretReaders: '只有它们能读商户 secret',
}

/** In Chinese; undefined for an output of others. */
export const outputInChinese = (name: string): string | undefined => OUTPUTS[name]
