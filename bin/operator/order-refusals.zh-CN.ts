import { createPhraseBook } from '../language/phrase-book.ts'

/** What is wrong with an order or a result from outside, by the words of its readers in lib. A test holds it complete. */
export const orderRefusalInChinese = createPhraseBook({
  'is missing': '缺少',
  'unknown field': '没有这个字段',
  'must be a string': '必须是字符串',
  'must not be empty': '不能为空',
  'must have at most 32 characters': '最多 32 个字符',
  'is too long': '太长',
  'must be an RFC 3339 time': '必须是 RFC 3339 时间',
  'must be an RFC 3339 time, for example 2026-01-31T19:00:00+08:00':
    '必须是 RFC 3339 时间，例如 2026-01-31T19:00:00+08:00',
  'must not be more than 5 minutes in the future': '最多比现在晚 5 分钟',
  'must be an object': '必须是对象',
  'must be 1 to 32 digits or letters': '必须是 1 到 32 个数字或字母',
  'must be 1 to 32 digits, letters, "_", "-" or "*"': '必须是 1 到 32 个数字、字母、"_"、"-" 或 "*"',
  'must be "refund" or "keep"': '必须是 "refund" 或 "keep"',
  'must be one of {}': '必须是其中之一：{}',
  "is of a service provider's order, which names sp_mchid and sub_mchid instead of mchid":
    '属于服务商订单，那种订单写 sp_mchid 和 sub_mchid，不写 mchid',
  "is of a merchant's own order; a service provider's names sp_mchid and sub_mchid":
    '属于商户自己的订单；服务商订单写 sp_mchid 和 sub_mchid',
  'none of the configured secrets is of this merchant': '已配置的 secret 里，没有一个属于这个商户',
  'must be a JSON object': '必须是 JSON 对象',
  'the order must be a JSON object': '订单必须是 JSON 对象',
  'the line must be JSON': '这一行必须是 JSON',
  'the line must be a JSON object': '这一行必须是 JSON 对象',
  'the line must name each field once': '这一行里每个字段只能出现一次',
})
