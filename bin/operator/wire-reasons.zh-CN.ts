import type { NoAnswer, UnverifiedReason } from '../../lib/wechatpay/answer.ts'

/** Why there is no answer, or none that verifies. */
export const WIRE_REASONS_IN_CHINESE: Readonly<Record<UnverifiedReason | NoAnswer['reason'], string>> = {
  unsigned: '没有签名',
  'doubled header': '头部重复',
  stale: '时间相差超过 5 分钟',
  'unknown serial': '签名密钥未知',
  probe: '是签名探测',
  'wrong signature': '签名不符',
  'not JSON': '不是 JSON',
  'another order': '是别的订单',
  'another appid': '是别的 appid',
  'our signature in it': '含有我方签名',
  timeout: '等待超时',
  connection: '连接中断',
  'too long': '应答过长',
  'no time left': '没有剩余时间',
}
