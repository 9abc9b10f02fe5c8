import type * as v from 'valibot'
import { BILL_OPERATIONS } from './bill-calls.ts'
import { BODIES, type Payment, QUERIES, readBody, readQuery } from './bodies.ts'
import { errorResult, type Result } from './error-codes.ts'
import type { Merchant } from './merchants.ts'
import type { Mode, Names } from './names.ts'
import { type Asked, decoded, type Incoming, type Operation, parameterError, unread, type World } from './operation.ts'
import { CERTIFICATE_OPERATIONS } from './platform-certificates.ts'
import { REFUND_OPERATIONS } from './refunds.ts'
import * as transactions from './transactions.ts'
import { directNames, type NamesAsSent, partnerNames } from './whose.ts'

const OUT_TRADE_NO = /^[0-9A-Za-z_\-*]{1,32}$/
const NAMES = { direct: directNames, partner: partnerNames }

type Handle = (names: Names, out_trade_no: string, world: World) => ReturnType<Asked['handle']>

/**
 * The number in a path. The official SDK for Java leaves `*` as it is, the one for Go escapes it: both are read here. Whether the
 * real gateway reads both is unknown.
 */
function readNumber(inPath: string): string | Result {
  const out_trade_no = decoded(inPath) ?? inPath
  if (OUT_TRADE_NO.test(out_trade_no)) return out_trade_no
  return parameterError('out_trade_no', inPath, 'must be 1 to 32 of 0-9A-Za-z_-*', 'path')
}

/** The names of a GET, which stand in its query. */
function readNames(mode: Mode, merchant: Merchant, query: string | undefined, body: Buffer): Names | Result {
  if (body.length > 0) return errorResult('INVALID_REQUEST', 'GET takes no body')
  const read = readQuery<NamesAsSent>(QUERIES[mode], query)
  return 'issue' in read ? unread(read, 'query') : NAMES[mode](merchant, read.body, 'query')
}

/** A GET about an order, whose names stand in the query. */
function readOrderQuery(mode: Mode, handle: Handle) {
  return ({ merchant, path: [inPath = ''], query, body }: Incoming): Asked | Result => {
    const out_trade_no = readNumber(inPath)
    if (typeof out_trade_no !== 'string') return out_trade_no
    const names = readNames(mode, merchant, query, body)
    if ('status' in names) return names
    return { names, out_trade_no, handle: (world) => handle(names, out_trade_no, world) }
  }
}

/** A POST whose body names the merchant; `number` finds the order. */
function readPost<Body extends NamesAsSent>(
  mode: Mode,
  schema: v.GenericSchema<unknown, Body>,
  ask: (names: Names, body: Body, path: readonly string[]) => Asked | Result,
) {
  return ({ merchant, path, query, body }: Incoming): Asked | Result => {
    if (query !== undefined) return parameterError('query', query, 'must be absent', 'query')
    const read = readBody(schema, body)
    if ('issue' in read) return unread(read, 'body')
    const names = NAMES[mode](merchant, read.body, 'body')
    return 'status' in names ? names : ask(names, read.body, path)
  }
}

/** A POST about an order whose number stands in the path. */
function readOrderPost(mode: Mode, schema: v.GenericSchema<unknown, NamesAsSent>, handle: Handle) {
  return readPost(mode, schema, (names, _, [inPath = '']) => {
    const out_trade_no = readNumber(inPath)
    if (typeof out_trade_no !== 'string') return out_trade_no
    return { names, out_trade_no, handle: (world) => handle(names, out_trade_no, world) }
  })
}

/** A query by WeChat Pay's number; of which order it is, the books know. */
function readPaidQuery(mode: Mode) {
  return ({ merchant, path: [transaction_id = ''], query, body }: Incoming): Asked | Result => {
    if (!/^\d{1,32}$/.test(transaction_id)) {
      return parameterError('transaction_id', transaction_id, 'must be 1 to 32 digits', 'path')
    }
    const names = readNames(mode, merchant, query, body)
    if ('status' in names) return names
    return { names, out_trade_no: null, handle: (world) => transactions.queryPaid(names, transaction_id, world) }
  }
}

function readCodepay(mode: Mode) {
  return readPost<NamesAsSent & Payment>(mode, BODIES[mode].codepay, (names, body) => {
    // Reported by merchants: without sp_appid the real one answers 500, though the page calls the field required.
    if (names.appid === null) return errorResult('SYSTEM_ERROR')
    const { out_trade_no, description, attach = null } = body
    const payment = { out_trade_no, description, attach, total: body.amount.total, authCode: body.payer.auth_code }
    return { names, out_trade_no, handle: (world) => transactions.codepay(names, payment, world) }
  })
}

function transactionOperations(mode: Mode, root: string): Operation[] {
  const order = `^${root}/out-trade-no/([^/]*)`
  const { reverse, close } = BODIES[mode]
  const at = (path: string) => new RegExp(`${path}$`)
  return [
    { endpoint: 'codepay', method: 'POST', path: at(`^${root}/codepay`), read: readCodepay(mode) },
    { endpoint: 'query', method: 'GET', path: at(order), read: readOrderQuery(mode, transactions.query) },
    { endpoint: 'query', method: 'GET', path: at(`^${root}/id/([^/]*)`), read: readPaidQuery(mode) },
    {
      endpoint: 'reverse',
      method: 'POST',
      path: at(`${order}/reverse`),
      read: readOrderPost(mode, reverse, transactions.reverse),
    },
    {
      endpoint: 'close',
      method: 'POST',
      path: at(`${order}/close`),
      read: readOrderPost(mode, close, transactions.close),
    },
  ]
}

/** Everything this WeChat Pay can be asked. */
export const OPERATIONS: readonly Operation[] = [
  ...transactionOperations('direct', '/v3/pay/transactions'),
  ...transactionOperations('partner', '/v3/pay/partner/transactions'),
  ...REFUND_OPERATIONS,
  ...BILL_OPERATIONS,
  ...CERTIFICATE_OPERATIONS,
]
