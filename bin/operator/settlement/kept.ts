import * as v from 'valibot'
import { OPEN } from '../../../lib/settlement/open-outcome.ts'
import { SETTLEMENTS } from '../../../lib/settlement/table.ts'
import type { Evidence } from '../../../lib/wechatpay/answer.ts'
import { isBillDate } from '../../../lib/wechatpay/bill-date.ts'
import { Failure } from '../failure.ts'
import { answerSchema } from '../kept-answers.ts'

const text = v.string('is no text')
const date = v.pipe(text, v.check(isBillDate, 'is no day'))
const rows = v.array(v.record(text, text, 'is no row'), 'is no list of rows')
const nullableFen = v.nullable(v.number('is no number'))

const settlementSchema = v.looseObject({
  mchid: v.optional(text),
  sp_mchid: v.optional(text),
  sub_mchid: v.optional(text),
  out_trade_no: text,
  outcome: v.picklist(OPEN, `is none of ${OPEN.join(', ')}`),
  settlement: v.picklist(SETTLEMENTS, `is none of ${SETTLEMENTS.join(', ')}`),
  total: nullableFen,
  bill_dates: v.array(date, 'is no list of days'),
  evidence: v.array(v.looseObject({ ...answerSchema.entries, bill_date: date, rows }), 'is no list of answers'),
})

/** A settlement as the event and `npm run settle` tell it. */
export type KeptSettlement = v.InferOutput<typeof settlementSchema>

const documentSchema = v.looseObject({
  mchid: text,
  bill_date: date,
  bills: v.array(
    v.union([
      v.looseObject({ state: v.literal('whole'), bill_date: date, evidence: answerSchema }),
      v.looseObject({ state: v.picklist(['refused', 'not made yet']), bill_date: date }),
    ]),
  ),
  reversed: v.nullable(v.array(v.looseObject({ out_trade_no: text, rows }))),
  results: v.optional(v.array(v.looseObject({})), []),
})

/** The signed answer for the bill of a day. */
export interface KeptPage {
  bill_date: string
  answer: Evidence
}

/** What was kept of a merchant's books. */
export interface KeptBooks {
  /** Whose keys signed: of a provider's orders, `sp_mchid`. */
  mchid: string
  pages: readonly KeptPage[]
  settlements: readonly KeptSettlement[]
  /** The reversed orders of a day. */
  reversed: Reversed | undefined
}

export interface Reversed {
  bill_date: string
  orders: readonly { out_trade_no: string; rows: readonly Readonly<Record<string, string>>[] }[]
}

type Json = Record<string, unknown>
const isObject = (json: unknown): json is Json => typeof json === 'object' && json !== null && !Array.isArray(json)

/**
 * The settlements in a `Reversal Settled` event, in its detail, or in what `npm run settle -- --json` printed; undefined when
 * it is none of these.
 *
 * @throws Failure that names the field that is not as it was kept
 */
export function findBooks(json: unknown): KeptBooks | undefined {
  if (!isObject(json)) return undefined
  if (isObject(json.detail)) return findBooks(json.detail)
  if ('bills' in json) return ofDocument(read(documentSchema, json))
  if (!('settlement' in json)) return undefined
  const settlement = read(settlementSchema, json)
  return { mchid: signerOf(settlement), pages: pagesOf([settlement]), settlements: [settlement], reversed: undefined }
}

function ofDocument({ mchid, bill_date, bills, reversed, results }: v.InferOutput<typeof documentSchema>): KeptBooks {
  const settlements = results.filter((result) => result.settlement !== null).map((one) => read(settlementSchema, one))
  const stranger = settlements.find((settlement) => signerOf(settlement) !== mchid)
  if (stranger !== undefined) {
    throw new Failure(
      `results: order ${stranger.out_trade_no} is of ${signerOf(stranger)}, and the bills are of ${mchid}`,
    )
  }
  const whole = bills.flatMap((bill) => (bill.state === 'whole' ? [bill] : []))
  const pages = whole.map(({ bill_date, evidence }) => ({ bill_date, answer: evidence as Evidence }))
  return {
    mchid,
    pages: withoutRepeats([...pages, ...pagesOf(settlements)]),
    settlements,
    reversed: reversed === null ? undefined : { bill_date, orders: reversed },
  }
}

function signerOf({ mchid, sp_mchid }: KeptSettlement): string {
  const signer = sp_mchid ?? mchid
  if (signer === undefined) throw new Failure('mchid: is missing', KEPT)
  return signer
}

export const pageOf = ({ bill_date, rows: _, ...answer }: KeptSettlement['evidence'][number]): KeptPage => ({
  bill_date,
  answer,
})

const pagesOf = (settlements: readonly KeptSettlement[]): KeptPage[] =>
  withoutRepeats(settlements.flatMap(({ evidence }) => evidence.map(pageOf)))

/** Names a page: another answer for the same day is another page. */
export const nameOf = ({ bill_date, answer }: KeptPage): string =>
  [bill_date, answer.signature, answer.timestamp, answer.nonce, answer.serial, answer.body].join('\n')

/** Many settlements rest on one answer. */
const withoutRepeats = (pages: readonly KeptPage[]): KeptPage[] => [
  ...new Map(pages.map((page) => [nameOf(page), page])).values(),
]

const KEPT = 'Give it as it was kept.'

function read<Schema extends v.GenericSchema>(schema: Schema, json: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, json, { abortEarly: true })
  if (result.success) return result.output
  const [issue] = result.issues
  const why = issue.input === undefined ? 'is missing' : issue.message
  throw new Failure(`${v.getDotPath(issue) ?? 'the settlement'}: ${why}`, KEPT)
}
