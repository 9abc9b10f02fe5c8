import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { beginsToBeMade, billOf, chinaDate } from './bill.ts'
import { errorResult, ok, type Result } from './error-codes.ts'
import {
  type Asked,
  type Handled,
  type Incoming,
  NOTHING,
  type Operation,
  parameterError,
  type World,
} from './operation.ts'

/** How long an address is valid: 5 min on the pages of today, 30 s on older ones (official). */
const ADDRESS_MS = 30_000

/** A bill can be asked for this long; how many days "3 months" are is inferred. */
const KEPT_MS = 90 * 86_400_000

const billError = (code: string, message: string): Result => ({ status: 400, body: { code, message }, subCode: 0 })
const creating = () => billError('STATEMENT_CREATING', '账单生成中，请稍后再试')
const none = () => billError('NO_STATEMENT_EXIST', '当天没有交易，账单不存在')

const only = (result: Result): Handled => ({ result, effect: NOTHING })

interface Question {
  mchid: string
  sub_mchid: string | null
  date: string
  isZipped: boolean
}

/** 申请交易账单 (official: https://pay.weixin.qq.com/doc/v3/merchant/4012556654). The same path in both modes. */
function tradeBill(
  { mchid, sub_mchid, date, isZipped }: Question,
  { books, files, now, options, origin }: World,
): Handled {
  if (date >= chinaDate(now) || beginsToBeMade(date) < now - KEPT_MS) {
    return only(errorResult('INVALID_REQUEST', 'bill_date: no bill of this day can be asked for'))
  }
  const { billFault: fault } = options
  if (fault === 'not ready' || now < beginsToBeMade(date)) return only(creating())
  books.advance(now)
  const histories = books
    .orders()
    .filter((order) => order.mchid === mchid && (sub_mchid === null || order.sub_mchid === sub_mchid))
    .map(({ mchid, out_trade_no }) => books.history(mchid, out_trade_no))
  const bill = billOf(histories, date, { layout: options.billLayout, revokedRow: options.billRevokedRow })
  if (bill === null || fault === 'none') return only(none())

  const text =
    fault === 'wrong count' ? bill.replace(/`(\d+)(?=,[^\n]*\r\n$)/, (_, count) => `\`${Number(count) + 1}`) : bill
  const sent = fault === 'forged' ? text.replace(/`(\d+)\.(\d\d)/, (_, whole, cents) => `\`${whole}1.${cents}`) : text
  const whole = isZipped ? gzipSync(sent) : Buffer.from(sent)
  const bytes = fault === 'cut' ? whole.subarray(0, Math.floor(whole.length / 2)) : whole
  const token = files.put({ mchid, bytes, until: fault === 'expired' ? now - 1 : now + ADDRESS_MS }, now)
  const host = fault === 'another host' ? 'https://bills.example.com' : origin
  return only(
    ok({
      hash_type: 'SHA1',
      hash_value: createHash('sha1')
        .update(fault === 'wrong hash' ? `${text} ` : text)
        .digest('hex'),
      download_url: `${host}/v3/billdownload/file?token=${token}${isZipped ? '&tartype=gzip' : ''}`,
    }),
  )
}

/** 下载账单: the file itself is not signed (official: docs/merchant/apis/jsapi-payment/download-bill.html). */
function download(mchid: string, token: string, { files, now, options }: World): Handled {
  const file = files.find(token)
  if (file === undefined || file.until < now) return only(errorResult('INVALID_REQUEST', '下载链接已失效'))
  if (file.mchid !== mchid) return only(errorResult('NO_AUTH'))
  if (options.billFault === 'redirected')
    return only({ status: 302, body: null, subCode: 0, location: 'https://bills.example.com/' })
  return only({ status: 200, body: null, subCode: 0, file: file.bytes })
}

function readQuestion({ merchant, query, body }: Incoming): Asked | Result {
  if (body.length > 0) return errorResult('INVALID_REQUEST', 'GET takes no body')
  const asked = new URLSearchParams(query ?? '')
  const date = asked.get('bill_date') ?? ''
  const sub_mchid = asked.get('sub_mchid')
  if (!/^\d{4}-\d\d-\d\d$/.test(date) || Number.isNaN(Date.parse(date))) {
    return parameterError('bill_date', date, 'must be yyyy-MM-DD', 'query')
  }
  if ((asked.get('bill_type') ?? 'ALL') !== 'ALL')
    return parameterError('bill_type', asked.get('bill_type'), 'this simulator makes ALL', 'query')
  const tar_type = asked.get('tar_type')
  if (tar_type !== null && tar_type !== 'GZIP') return parameterError('tar_type', tar_type, 'must be GZIP', 'query')
  if (sub_mchid !== null && !merchant.subMerchants.has(sub_mchid)) {
    return errorResult('INVALID_REQUEST', 'sub_mchid: no relation')
  }
  const { mchid } = merchant
  const names = { mchid, appid: null, sub_mchid, sub_appid: null }
  return {
    names,
    out_trade_no: null,
    handle: (world) => tradeBill({ mchid, sub_mchid, date, isZipped: tar_type !== null }, world),
  }
}

function readDownload({ merchant: { mchid }, query }: Incoming): Asked | Result {
  const token = new URLSearchParams(query ?? '').get('token')
  if (!token) return parameterError('token', token, 'is missing', 'query')
  const names = { mchid, appid: null, sub_mchid: null, sub_appid: null }
  return { names, out_trade_no: null, handle: (world) => download(mchid, token, world) }
}

export const BILL_OPERATIONS: readonly Operation[] = [
  { endpoint: 'tradebill', method: 'GET', path: /^\/v3\/bill\/tradebill$/, read: readQuestion },
  { endpoint: 'billdownload', method: 'GET', path: /^\/v3\/billdownload\/file$/, read: readDownload },
]
