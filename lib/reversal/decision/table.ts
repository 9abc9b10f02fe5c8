import type { ErrorName } from '../errors.ts'
import type { Outcome } from '../result.ts'
import {
  type Condition,
  cannotArriveAnyMore,
  nothingVerified,
  paymentIsProved,
  reverseMayHaveActed,
  type Times,
  toBeKept,
  toBeKeptAndSeenPaid,
  toBeKeptButReverseMayLand,
  tooEarly,
  tooLate,
  tooLateAndNothingVerified,
  userMayStillPay,
  wasKnown,
} from './conditions.ts'
import type { Reversed, Seen } from './known.ts'

const QUERY_PAGE = 'https://pay.weixin.qq.com/doc/v3/merchant/4012556352'
const REVERSE_PAGE = 'https://pay.weixin.qq.com/docs/merchant/apis/code-payment-v3/direct/reverse.html'
const APIV2_PAY_PAGE = 'https://pay.weixin.qq.com/doc/v2/merchant/4011937125'
const APIV2_REVERSE_PAGE = 'https://pay.weixin.qq.com/doc/v2/merchant/4011937361'
const OVERSEAS_GUIDE = 'https://pay.weixin.qq.com/wiki/doc/api/wxpay/ch/guide/pos/APIRules.shtml'
const ERROR_PAGE = 'https://pay.weixin.qq.com/doc/v3/merchant/4012556398'
const SIGNING_PAGE = 'https://pay.weixin.qq.com/docs/merchant/development/interface-rules/signature-verification.html'

/** What a row leads to. */
export type Next =
  /** When a reverse is due: see WHEN_DUE and AFTER_REVERSE. */
  | { do: 'reverse' }
  | { do: 'finish'; outcome: Outcome }
  | { do: 'refuse'; error: ErrorName; detail: string }
  /** `for` a time of TIMES, or as long as the row's condition holds; without it, as long as the back-off says. */
  | { do: 'wait'; reason: string; for?: keyof Times | 'as long as this holds' }

/** One rule. Of several, the first that holds decides; one without `when` always holds. */
export interface Row {
  when?: Condition
  next: Next
  /** The official page it rests on; "inferred" where none says so. */
  source: string
}

const REVERSE = { do: 'reverse' } as const
const NO_VERIFIED_ANSWER = { do: 'wait', reason: 'no verified answer to our query' } as const

interface State {
  /** What it means, for a reader who does not know WeChat Pay. */
  means: string
  rows: readonly Row[]
}

export type Table = Readonly<Record<Seen, State>>

/** What each thing a query can say leads to. A state missing here does not compile; one never seen has its own rows. */
export const TABLE = {
  REVOKED: {
    means: 'reversed: unpaid it was closed, paid it is being refunded',
    rows: [
      { when: paymentIsProved, next: { do: 'finish', outcome: 'REFUNDED' }, source: REVERSE_PAGE },
      { next: { do: 'finish', outcome: 'REVERSED' }, source: REVERSE_PAGE },
    ],
  },
  CLOSED: {
    means: 'closed unpaid',
    rows: [{ next: { do: 'finish', outcome: 'CLOSED' }, source: QUERY_PAGE }],
  },
  REFUND: {
    means: 'being refunded, wholly or in part',
    rows: [
      { when: reverseMayHaveActed, next: { do: 'finish', outcome: 'REFUNDED' }, source: 'inferred' },
      {
        next: {
          do: 'refuse',
          error: 'RefundedElsewhere',
          detail: 'refunded by other means, perhaps in part: a person must look',
        },
        source: QUERY_PAGE,
      },
    ],
  },
  SUCCESS: {
    means: 'paid',
    rows: [
      {
        when: toBeKeptButReverseMayLand,
        next: {
          do: 'wait',
          reason: 'paid and to be kept, but a reverse of ours may still land',
          for: 'as long as this holds',
        },
        source: 'inferred',
      },
      { when: toBeKept, next: { do: 'finish', outcome: 'KEPT' }, source: QUERY_PAGE },
      { next: REVERSE, source: REVERSE_PAGE },
    ],
  },
  USERPAYING: {
    means: 'the user is at the password box',
    rows: [
      {
        when: userMayStillPay,
        next: { do: 'wait', reason: 'the user is paying', for: 'userPayingAgain' },
        source: APIV2_PAY_PAGE,
      },
      { next: REVERSE, source: APIV2_PAY_PAGE },
    ],
  },
  NOTPAY: {
    means: 'not paid',
    rows: [{ next: REVERSE, source: REVERSE_PAGE }],
  },
  PAYERROR: {
    means: 'the payment failed, which does not prove that nobody was charged',
    rows: [{ next: REVERSE, source: QUERY_PAGE }],
  },
  ORDER_NOT_EXIST: {
    means: 'no such order under this `mchid`, or not yet',
    rows: [
      { when: wasKnown, next: REVERSE, source: 'inferred: an order does not vanish' },
      { when: cannotArriveAnyMore, next: { do: 'finish', outcome: 'NOT_FOUND' }, source: 'inferred' },
      { next: REVERSE, source: OVERSEAS_GUIDE },
    ],
  },
  UNKNOWN: {
    means: 'a state or a code never seen before, and verified',
    rows: [
      {
        next: { do: 'wait', reason: 'WeChat Pay answered with a state or a code this version does not know' },
        source: 'inferred: touch nothing, and wake a person',
      },
    ],
  },
  NOTHING: {
    means: 'nothing that verifies, or an error that says nothing about the order',
    rows: [
      { when: toBeKept, next: NO_VERIFIED_ANSWER, source: 'inferred: never reverse blind what may be kept' },
      { next: REVERSE, source: APIV2_PAY_PAGE },
    ],
  },
} as const satisfies Table

/** What "reverse" comes to while this attempt has not sent one. */
export const WHEN_DUE = [
  {
    when: toBeKeptAndSeenPaid,
    next: { do: 'wait', reason: 'seen paid before and to be kept, but the query now says otherwise' },
    source: 'inferred: never reverse again',
  },
  {
    when: tooEarly,
    next: { do: 'wait', reason: 'too early to reverse', for: 'as long as this holds' },
    source: APIV2_REVERSE_PAGE,
  },
  { when: tooLateAndNothingVerified, next: NO_VERIFIED_ANSWER, source: 'inferred: it may be final already' },
  {
    when: tooLate,
    next: {
      do: 'refuse',
      error: 'ReversalExpired',
      detail: 'more than 7 days have passed; last reason: a reverse is due',
    },
    source: APIV2_REVERSE_PAGE,
  },
  { next: REVERSE, source: REVERSE_PAGE },
] as const satisfies readonly Row[]

/** What "reverse" comes to once this attempt has sent one: the query after it did not end the order, and never a second. */
export const AFTER_REVERSE = {
  answered: [
    {
      next: { do: 'wait', reason: 'WeChat Pay received the reverse, but the order is not final yet' },
      source: REVERSE_PAGE,
    },
  ],
  'refused for now': [{ next: { do: 'wait', reason: 'WeChat Pay refused the reverse for now' }, source: ERROR_PAGE }],
  'refused for good': [
    {
      when: nothingVerified,
      next: { do: 'wait', reason: 'WeChat Pay refused the reverse, and nothing verified says where the order stands' },
      source: 'inferred: a refused call may have been carried out',
    },
    {
      next: { do: 'refuse', error: 'ReversalRejected', detail: 'WeChat Pay refused the reverse for good' },
      source: ERROR_PAGE,
    },
  ],
  unverified: [{ next: { do: 'wait', reason: 'the answer to the reverse does not verify' }, source: SIGNING_PAGE }],
  'no answer': [{ next: { do: 'wait', reason: 'no answer to the reverse' }, source: APIV2_PAY_PAGE }],
  'not sent': [{ next: { do: 'wait', reason: 'the reverse could not be sent' }, source: APIV2_PAY_PAGE }],
} as const satisfies Record<Reversed, readonly Row[]>
