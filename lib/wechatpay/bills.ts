import { createHash } from 'node:crypto'
import { type Answer, asksForFreshKeys, type Evidence, type VerifiedAnswer } from './answer.ts'
import type { BillRow } from './bill-columns.ts'
import { madeAtMs } from './bill-date.ts'
import { downloadBill, MAX_DOWNLOAD_MS } from './bill-download.ts'
import { createBillReader } from './bill-reader.ts'
import { type BillRefusal, BillRefused } from './bill-refused.ts'
import type { BillQuestion, WechatPay } from './client.ts'
import type { Endpoint } from './endpoints.ts'
import { NO_STATEMENT } from './read-answer.ts'

/** A day's bill, or why there is none. Only a whole one proves anything. */
export type Bill = WholeBill | { kind: 'not ready'; date: string; detail: string } | RefusedBill

/** Hash-checked and complete; an empty one has no file, only the signed word for it. */
export interface WholeBill {
  kind: 'whole'
  date: string
  /** The signed answer: it holds the hash, or says that there is no bill. */
  evidence: Evidence
  /** How many rows the bill has. */
  count: number
  /** Those that were wanted. */
  rows: readonly BillRow[]
}

export interface RefusedBill {
  kind: 'refused'
  date: string
  reason: BillRefusal
  detail: string
  code?: string | undefined
  request_id?: string | undefined
  /** Fresh credentials might get another answer. */
  asksForFreshKeys: boolean
}

export interface BillOptions {
  wechatPay: Pick<WechatPay, 'tradeBill'>
  endpoints: readonly Endpoint[]
  /** Milliseconds since the epoch. */
  now?: () => number
  maxBytes?: number
}

export interface BillRequest extends BillQuestion {
  wants: (out_trade_no: string) => boolean
  /** The rows of all reversed payments too. */
  wantsRevoked?: boolean
  /** Gets every inflated byte, before anybody knows whether the hash is right. */
  save?: (chunk: Buffer) => Promise<void>
}

export type Bills = ReturnType<typeof createBills>

/** 交易账单: WeChat Pay's own books of a day. Never rejects because of the bill: what is wrong with it is data. */
export function createBills({ wechatPay, endpoints, now = Date.now, maxBytes }: BillOptions) {
  async function fetchBill(request: BillRequest): Promise<Bill> {
    const { date, msLeft } = request
    // Before that even a verified "no statement" would prove nothing, so nobody is asked.
    if (now() < madeAtMs(date)) return { kind: 'not ready', date, detail: 'made at 10:00 of the next day in China' }
    const { best: answer } = await wechatPay.tradeBill(request)
    if (answer.kind === 'verified') {
      if (answer.code === 'STATEMENT_CREATING') return { kind: 'not ready', date, detail: 'STATEMENT_CREATING' }
      if (answer.code === NO_STATEMENT) return emptyBill(date, answer)
    }
    if (answer.kind !== 'verified' || answer.status !== 200) return notAsked(date, answer)
    try {
      const { rows, count } = await readFile(answer, request, Math.min(MAX_DOWNLOAD_MS, msLeft()))
      return { kind: 'whole', date, evidence: answer.evidence, count, rows }
    } catch (error) {
      if (!(error instanceof BillRefused)) throw error
      const { reason, message: detail } = error
      return { kind: 'refused', date, reason, detail, request_id: answer.request_id, asksForFreshKeys: false }
    }
  }

  /** At once: the address lives 30 s to 5 min. */
  async function readFile(answer: VerifiedAnswer, request: BillRequest, timeoutMs: number) {
    const { merchant, date, wants, wantsRevoked, save } = request
    const { url, sha1 } = readAddress(answer.body)
    const rows: BillRow[] = []
    const reader = createBillReader({
      mchid: merchant.mchid,
      date,
      wants,
      wantsRevoked,
      found: (row) => rows.push(row),
    })
    const hash = createHash('sha1')
    let unreadable: BillRefused | undefined
    for await (const chunk of downloadBill({ url, endpoints, merchant, maxBytes, timeoutMs, now })) {
      hash.update(chunk)
      if (save !== undefined) await save(chunk)
      // Bytes that are not those signed may hold anything: the hash is the first thing to say of them.
      unreadable ??= attempt(() => reader.write(chunk))
      if (unreadable?.reason === 'too large') throw unreadable
    }
    if (hash.digest('hex') !== sha1) throw new BillRefused('wrong hash', 'the bytes are not those WeChat Pay signed')
    if (unreadable !== undefined) throw unreadable
    return { rows, count: reader.end().rows }
  }

  return { fetchBill }
}

function readAddress({ hash_type, hash_value, download_url }: VerifiedAnswer['body']): { url: string; sha1: string } {
  if (typeof hash_type !== 'string' || !/^sha-?1$/i.test(hash_type)) throw new BillRefused('no hash', 'no SHA1')
  if (typeof hash_value !== 'string' || !/^[0-9a-f]{40}$/i.test(hash_value)) {
    throw new BillRefused('no hash', 'hash_value is no SHA-1')
  }
  if (typeof download_url !== 'string') throw new BillRefused('no hash', 'no download_url')
  return { url: download_url, sha1: hash_value.toLowerCase() }
}

/** Proved by the signed answer alone: it must itself be of a time when the bill was made. */
function emptyBill(date: string, { evidence }: VerifiedAnswer): Bill {
  if (Number(evidence.timestamp) * 1000 < madeAtMs(date)) {
    return { kind: 'not ready', date, detail: `${NO_STATEMENT}, said before 10:00` }
  }
  return { kind: 'whole', date, evidence, count: 0, rows: [] }
}

function notAsked(date: string, answer: Answer): RefusedBill {
  if (answer.kind === 'none') {
    return { kind: 'refused', date, reason: 'no answer', detail: answer.reason, asksForFreshKeys: false }
  }
  const { status, code, message, request_id } = answer
  const said = { code, request_id, asksForFreshKeys: asksForFreshKeys(answer) }
  const words = [status, code, message].filter(Boolean).join(' ')
  if (answer.kind === 'verified') return { kind: 'refused', date, reason: 'refused', detail: words, ...said }
  return { kind: 'refused', date, reason: 'unverified', detail: `${answer.reason}: ${words}`, ...said }
}

function attempt(read: () => void): BillRefused | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    if (error instanceof BillRefused) return error
    throw error
  }
}
