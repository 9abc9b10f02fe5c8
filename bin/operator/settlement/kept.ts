import * as v from 'valibot'
import { OPEN } from '../../../lib/settlement/open-outcome.ts'
import { SETTLEMENTS } from '../../../lib/settlement/table.ts'
import type { Evidence } from '../../../lib/wechatpay/answer.ts'
import { isBillDate } from '../../../lib/wechatpay/bill-date.ts'
import { text } from '../../texts/verify.ts'
import { Failure } from '../failure.ts'
import { answerSchema } from '../kept-answers.ts'

const { kept } = text

const words = v.string(kept.noText)
const date = v.pipe(words, v.check(isBillDate, kept.noDay))
const rows = v.array(v.record(words, words, kept.noRow), kept.noRows)
const nullableFen = v.nullable(v.number(kept.noNumber))

const settlementSchema = v.looseObject(
  {
    mchid: v.optional(words),
    sp_mchid: v.optional(words),
    sub_mchid: v.optional(words),
    out_trade_no: words,
    outcome: v.picklist(OPEN, kept.noneOf(OPEN)),
    settlement: v.picklist(SETTLEMENTS, kept.noneOf(SETTLEMENTS)),
    total: nullableFen,
    bill_dates: v.array(date, kept.noDays),
    evidence: v.array(
      v.looseObject({ ...answerSchema.entries, bill_date: date, rows }, kept.noAnswer),
      kept.noAnswerList,
    ),
  },
  kept.noObject,
)

/** A settlement as the event and `npm run settle` tell it. */
export type KeptSettlement = v.InferOutput<typeof settlementSchema>

const documentSchema = v.looseObject(
  {
    mchid: words,
    bill_date: date,
    bills: v.array(
      v.variant(
        'state',
        [
          v.looseObject({ state: v.literal('whole'), bill_date: date, evidence: answerSchema }, kept.noBill),
          v.looseObject({ state: v.picklist(['refused', 'not made yet']), bill_date: date }, kept.noBill),
        ],
        kept.noBill,
      ),
      kept.noBills,
    ),
    reversed: v.nullable(v.array(v.looseObject({ out_trade_no: words, rows }, kept.noOrder), kept.noOrders)),
    results: v.optional(v.array(v.looseObject({}, kept.noResult), kept.noResults), []),
  },
  kept.noObject,
)

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
    throw new Failure(kept.otherSigner(stranger.out_trade_no, signerOf(stranger), mchid))
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
  if (signer === undefined) throw new Failure(kept.field('mchid', kept.isMissing), kept.asKept)
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

function read<Schema extends v.GenericSchema>(schema: Schema, json: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, json, { abortEarly: true })
  if (result.success) return result.output
  const [issue] = result.issues
  const why = issue.input === undefined ? kept.isMissing : issue.message
  throw new Failure(kept.field(v.getDotPath(issue) ?? kept.theSettlement, why), kept.asKept)
}
