import type * as v from 'valibot'
import { BILL_OPERATIONS } from './bill-calls.ts'
import { BODIES, type Payment, QUERIES, type ReadBody, readBody, readQuery } from './bodies.ts'
import { errorResult, type Result } from './error-codes.ts'
import type { Mode, Names } from './names.ts'
import { type Asked, type Incoming, type Operation, parameterError, type World } from './operation.ts'
import * as transactions from './transactions.ts'
import { directNames, type NamesAsSent, partnerNames } from './whose.ts'

const OUT_TRADE_NO = /^[0-9A-Za-z_\-*]{1,32}$/
const NAMES = { direct: directNames, partner: partnerNames }

type Handle = (names: Names, out_trade_no: string, world: World) => ReturnType<Asked['handle']>

/** Percent-encoded characters end here too: none of the allowed ones needs it. */
function numberFault(out_trade_no: string): Result | null {
  if (OUT_TRADE_NO.test(out_trade_no)) return null
  return parameterError('out_trade_no', out_trade_no, 'must be 1 to 32 of 0-9A-Za-z_-*', 'path')
}

const unread = <T>({ field, value, issue }: Exclude<ReadBody<T>, { body: T }>, location: 'body' | 'query') =>
  parameterError(field, value, issue, location)

/** A GET about an order, whose names stand in the query. */
function readOrderQuery(mode: Mode, handle: Handle) {
  return ({ merchant, path: [out_trade_no = ''], query, body }: Incoming): Asked | Result => {
    const fault = numberFault(out_trade_no)
    if (fault) return fault
    if (body.length > 0) return errorResult('INVALID_REQUEST', 'GET takes no body')
    const read = readQuery<NamesAsSent>(QUERIES[mode], query)
    if ('issue' in read) return unread(read, 'query')
    const names = NAMES[mode](merchant, read.body, 'query')
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

function readReverse(mode: Mode) {
  return readPost<NamesAsSent>(mode, BODIES[mode].reverse, (names, _, [out_trade_no = '']) => {
    return (
      numberFault(out_trade_no) ?? {
        names,
        out_trade_no,
        handle: (world) => transactions.reverse(names, out_trade_no, world),
      }
    )
  })
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
  return [
    { endpoint: 'codepay', mode, method: 'POST', path: new RegExp(`^${root}/codepay$`), read: readCodepay(mode) },
    {
      endpoint: 'query',
      mode,
      method: 'GET',
      path: new RegExp(`${order}$`),
      read: readOrderQuery(mode, transactions.query),
    },
    { endpoint: 'reverse', mode, method: 'POST', path: new RegExp(`${order}/reverse$`), read: readReverse(mode) },
  ]
}

/** Everything this WeChat Pay can be asked. */
export const OPERATIONS: readonly Operation[] = [
  ...transactionOperations('direct', '/v3/pay/transactions'),
  ...transactionOperations('partner', '/v3/pay/partner/transactions'),
  ...BILL_OPERATIONS,
]
