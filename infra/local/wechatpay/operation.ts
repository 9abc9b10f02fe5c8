import type { BillFiles } from './bill-files.ts'
import type { Books } from './books.ts'
import { errorResult, type Result } from './error-codes.ts'
import type { Merchant } from './merchants.ts'
import type { Mode, Names } from './names.ts'
import type { SimulatorOptions } from './options.ts'

export type Endpoint = 'codepay' | 'query' | 'reverse' | 'tradebill' | 'billdownload'

/** A request whose signature, headers, path and method are good. */
export interface Incoming {
  /** Who signed it. */
  merchant: Merchant
  /** What the groups of the operation's path matched. */
  path: readonly string[]
  query: string | undefined
  body: Buffer
}

/** What WeChat Pay answers, and what it does to the books; the effect may be left out or come later than the answer. */
export interface Handled {
  result: Result
  effect: () => void
}

export interface World {
  books: Books
  files: BillFiles
  /** In ms. */
  now: number
  options: SimulatorOptions
  /** Of the domain that was asked: addresses in answers begin with it. */
  origin: string
}

/** A request that was read: whose order it is about, and the way to its answer. */
export interface Asked {
  names: Names
  /** Null where the request is about no order. */
  out_trade_no: string | null
  handle: (world: World) => Handled
}

/** One row of the table of everything this WeChat Pay can be asked. */
export interface Operation {
  endpoint: Endpoint
  mode: Mode
  method: 'GET' | 'POST'
  path: RegExp
  /** The request, or what it is refused with. */
  read: (incoming: Incoming) => Asked | Result
}

/** 400 PARAM_ERROR and the place in the request (official basic rules). */
export function parameterError(field: string, value: unknown, issue: string, location: string): Result {
  return errorResult('PARAM_ERROR', `参数错误: ${field} ${issue}`, { field, value, issue, location })
}

export const NOTHING = () => {}
