import type { BillFiles } from './bill-files.ts'
import type { ReadBody } from './bodies.ts'
import type { Books } from './books.ts'
import { errorResult, type Result } from './error-codes.ts'
import type { KeyRing } from './keys.ts'
import type { Merchant } from './merchants.ts'
import type { Names } from './names.ts'
import type { SimulatorOptions } from './options.ts'

export const ENDPOINTS = [
  'codepay',
  'query',
  'reverse',
  'close',
  'refund',
  'refundquery',
  'tradebill',
  'billdownload',
  'certificates',
] as const
export type Endpoint = (typeof ENDPOINTS)[number]

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
  /** By name: what the call meets on its way where no plan says otherwise. */
  fault?: string | undefined
}

export interface World {
  books: Books
  files: BillFiles
  keys: KeyRing
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
  method: 'GET' | 'POST'
  path: RegExp
  /** The request, or what it is refused with. */
  read: (incoming: Incoming) => Asked | Result
}

/** 400 PARAM_ERROR and the place in the request (official basic rules). */
export function parameterError(field: string, value: unknown, issue: string, location: string): Result {
  return errorResult('PARAM_ERROR', `参数错误: ${field} ${issue}`, { field, value, issue, location })
}

/** The same for what a schema refused. */
export const unread = <T>({ field, value, issue }: Exclude<ReadBody<T>, { body: T }>, location: 'body' | 'query') =>
  parameterError(field, value, issue, location)

/** A part of a path as it is meant; undefined when its percent signs mean nothing. */
export function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

export const NOTHING = () => {}
