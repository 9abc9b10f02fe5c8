import * as v from 'valibot'
import type { Outcome } from '../../lib/reversal/result.ts'
import type { Evidence } from '../../lib/wechatpay/answer.ts'
import { meaningOf } from '../../lib/wechatpay/codes.ts'
import type { WechatPayKeys } from '../../lib/wechatpay/merchant.ts'
import { isSignedBy } from '../../lib/wechatpay/verify.ts'
import { text } from '../texts/verify.ts'
import { Failure } from './failure.ts'

const words = v.string(text.kept.noText)

export const answerSchema = v.looseObject(
  {
    body: words,
    timestamp: words,
    nonce: words,
    signature: words,
    serial: words,
    request_id: v.optional(words, ''),
  },
  text.kept.noAnswer,
)

/** What an answer and a result may name an order by. */
export const NAMES = ['mchid', 'sp_mchid', 'sub_mchid', 'appid', 'sp_appid', 'sub_appid', 'out_trade_no'] as const

/** Whose an order is. An answer that names the order names these too. */
const OWNERS = ['mchid', 'sp_mchid', 'sub_mchid'] as const

const claimSchema = v.looseObject({
  ...v.object(v.entriesFromList(NAMES, v.optional(words))).entries,
  outcome: v.optional(words),
  trade_state: v.nullish(words),
})

/** What a result says of itself, to be held against its answers. */
export type Claim = v.InferOutput<typeof claimSchema>

/** Answers that were kept together, and what the result they stand in claims. */
export interface Kept {
  claim?: Claim
  answers: Evidence[]
}

type Json = Record<string, unknown>
const isObject = (json: unknown): json is Json => typeof json === 'object' && json !== null && !Array.isArray(json)

/**
 * Finds the signed answers in whatever holds some: a result, a pending one with its history, an order's state,
 * an event or its detail, a list of answers, one answer.
 *
 * @throws Failure when there are none, or one is not whole
 */
export function findAnswers(json: unknown): Kept {
  if (Array.isArray(json)) return { answers: json.map(readAnswer) }
  if (isObject(json)) {
    if (isObject(json.detail)) return findAnswers(json.detail)
    if (Array.isArray(json.evidence)) return { claim: readClaim(json), answers: json.evidence.map(readAnswer) }
    if (isObject(json.history) && json.history.paid !== undefined) {
      return { claim: readClaim({ ...json, outcome: undefined }), answers: [readAnswer(json.history.paid)] }
    }
    if ('signature' in json) return { answers: [readAnswer(json)] }
  }
  throw new Failure(text.kept.noAnswers, text.kept.giveAnswers)
}

function readAnswer(json: unknown): Evidence {
  const read = v.safeParse(answerSchema, json)
  if (read.success) return read.output
  const field = v.getDotPath(read.issues[0]) ?? text.kept.anAnswer
  throw new Failure(text.kept.notWhole(field), text.kept.answersAsKept)
}

function readClaim(json: Json): Claim {
  const read = v.safeParse(claimSchema, json)
  if (read.success) return read.output
  const [issue] = read.issues
  throw new Failure(text.kept.field(String(v.getDotPath(issue)), issue.message), text.kept.resultAsKept)
}

/** One answer, judged. `trouble` says why it proves nothing; `doubt` what it leaves open. */
export interface Judged {
  answer: Evidence
  signedAt: Date
  says: Json
  trouble?: string
  doubt?: string
}

/** Did WeChat Pay say this, and of what the result claims? The age of an answer does not matter. */
export function judge(answer: Evidence, keys: WechatPayKeys, claim: Claim = {}): Judged {
  const says = parse(answer.body)
  const judged = { answer, says, signedAt: new Date(Number(answer.timestamp) * 1000) }
  if (!keys.has(answer.serial.toUpperCase())) {
    return { ...judged, trouble: text.judged.noKey(answer.serial) }
  }
  if (!isSignedBy(keys, answer, answer.body)) {
    return { ...judged, trouble: text.judged.wrongSignature }
  }
  for (const name of NAMES) {
    const [said, claimed] = [says[name], claim[name]]
    if (said !== undefined && claimed !== undefined && said !== claimed) {
      return { ...judged, trouble: text.judged.speaksOf(name, String(said), claimed) }
    }
  }
  if (says.out_trade_no !== undefined) {
    const unnamed = OWNERS.find((name) => claim[name] !== undefined && says[name] === undefined)
    return unnamed === undefined ? judged : { ...judged, trouble: text.judged.speaksWithout(unnamed) }
  }
  return { ...judged, doubt: text.judged.namesNone }
}

function parse(body: string): Json {
  try {
    const json: unknown = JSON.parse(body.replace(/^\uFEFF/, ''))
    return isObject(json) ? json : {}
  } catch {
    return {}
  }
}

const namesPayment = ({ trade_state, transaction_id, success_time }: Json) =>
  trade_state === 'SUCCESS' || Boolean(transaction_id) || Boolean(success_time)

/** What the answers must say, the last one about the end, for an outcome to be proved by them. */
const PROVED: Readonly<Record<Outcome, (last: Json, all: Json[]) => boolean>> = {
  REFUNDED: ({ trade_state }, all) => trade_state === 'REFUND' || (trade_state === 'REVOKED' && all.some(namesPayment)),
  REVERSED: ({ trade_state }) => trade_state === 'REVOKED',
  CLOSED: ({ trade_state }) => trade_state === 'CLOSED',
  KEPT: ({ trade_state }) => trade_state === 'SUCCESS',
  NOT_FOUND: ({ code }) => typeof code === 'string' && meaningOf({ code, status: 404 }) === 'no such order',
}

/** Why the claim does not follow from what the answers say; undefined when it does, or claims nothing. */
export function contradiction({ outcome, trade_state }: Claim, judged: readonly Judged[]): string | undefined {
  const all = judged.map(({ says }) => says)
  const last = all.at(-1) ?? {}
  const told = String(last.trade_state ?? last.code ?? text.judged.noState)
  if (outcome !== undefined && !PROVED[outcome as Outcome]?.(last, all)) return text.judged.notProved(outcome, told)
  const claimsOther = typeof trade_state === 'string' && trade_state !== last.trade_state
  return claimsOther ? text.judged.otherState(trade_state, told) : undefined
}
