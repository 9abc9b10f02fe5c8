import type { BillRefusal } from '../../../lib/wechatpay/bill-refused.ts'
import { createPhraseBook } from '../../language/phrase-book.ts'
import { WIRE_REASONS_IN_CHINESE } from '../wire-reasons.zh-CN.ts'

const REFUSALS: Readonly<Record<BillRefusal, string>> = {
  'another host': '下载地址在别的主机上',
  redirect: '被重定向',
  expired: '下载地址已失效',
  'no answer': '没有应答',
  refused: '被拒绝',
  unverified: '应答验签不通过',
  'no hash': '没有哈希',
  'wrong hash': '哈希不符',
  cut: '中途断了',
  'not gzip': '不是 gzip 文件',
  'not a bill': '不是账单',
  'wrong count': '记录数不符',
  'another merchant': '属于别的商户',
  'another day': '不是这一天的',
  'too large': '太大',
  'too slow': '太慢',
}

const REASONS: Readonly<Record<string, string>> = { ...REFUSALS, ...WIRE_REASONS_IN_CHINESE }

/** A pattern comes before those that fit more. */
const inChinese = createPhraseBook({
  ...REASONS,
  'not made yet': '尚未生成',
  'made at 10:00 of the next day in China': '次日 10:00（北京时间）生成',
  'no time left in this run': '这次没有时间了',
  '{}, said before 10:00': '{}，应答早于 10:00',

  'the address of the bill is none of WECHATPAY_ENDPOINTS': '账单的地址不在 WECHATPAY_ENDPOINTS 之中',
  'nothing came for {} s': '{} 秒没有收到内容',
  '{}: a redirect is not followed': '{}：重定向一律不跟随',
  'the download was answered {}': '下载的应答是 {}',
  'no end within the time a bill may take': '没能在一份账单允许的时间内下载完',
  'the file ends too early': '文件提前结束',
  'more than {} bytes when inflated': '解压后超过 {} 字节',
  'more than {} bytes': '超过 {} 字节',
  'the bytes are not those WeChat Pay signed': '内容不是微信支付签名的那份',
  'no SHA1': '没有 SHA1',
  'hash_value is no SHA-1': 'hash_value 不是 SHA-1',
  'no download_url': '没有 download_url',

  'a line without end': '有一行没有结尾',
  'is empty': '是空的',
  'has no summary': '没有汇总',
  'the summary cannot be read': '汇总读不出来',
  '{} rows, and the summary says {}': '有 {} 条记录，汇总却说 {} 条',
  'none of {} rows is of {}': '{} 条记录都不是 {} 的',
  'no column {}': '没有“{}”这一列',
  'two columns {}': '有两列“{}”',
  'a row of {} fields under {} columns': '一条记录有 {} 个字段，列却有 {} 个',
  'a row with more fields than columns': '一条记录的字段比列多',
  'row {} does not begin with a backtick': '第 {} 条记录不以反引号开头',
  'row {}: 微信订单号 is no number': '第 {} 条记录：微信订单号不是数字',
  'row {} has {} fields': '第 {} 条记录只有 {} 个字段',
  'row {}': '第 {} 条记录',
})

/** Why a bill settles nothing: a reason, its detail, or both. What WeChat Pay or the system said stays as it came. */
export function billTroubleInChinese(trouble: string): string {
  const [, what = '', detail = ''] = /^(.*?): (.*)$/s.exec(trouble) ?? []
  const reason = REASONS[what]
  return reason === undefined ? (inChinese(trouble) ?? trouble) : `${reason}：${billTroubleInChinese(detail)}`
}
