import { both, type Conditions, conditionsOf, either } from './conditions.ts'
import type { DecisionTable } from './rows.ts'
import { inWords, TIMES, type Times } from './times.ts'

const QUERY_PAGE = 'https://pay.weixin.qq.com/doc/v3/merchant/4012556352'
const REVERSE_PAGE = 'https://pay.weixin.qq.com/docs/merchant/apis/code-payment-v3/direct/reverse.html'
const APIV2_PAY_PAGE = 'https://pay.weixin.qq.com/doc/v2/merchant/4011937125'
const APIV2_REVERSE_PAGE = 'https://pay.weixin.qq.com/doc/v2/merchant/4011937361'
const OVERSEAS_GUIDE = 'https://pay.weixin.qq.com/wiki/doc/api/wxpay/ch/guide/pos/APIRules.shtml'
const ERROR_PAGE = 'https://pay.weixin.qq.com/doc/v3/merchant/4012556398'
const SIGNING_PAGE = 'https://pay.weixin.qq.com/docs/merchant/development/interface-rules/signature-verification.html'

/** The whole decision. The parameters are there to be changed by tests. */
export function decisionTable(times: Times, conditions: Conditions = conditionsOf(times)): DecisionTable {
  const { keep, seenPaid, namesPayment, seenToExist, reverseMayHaveActed, reverseMayLand } = conditions
  const { notReversedYet, reverseAnswered, notRefusedForGood, nothingVerified } = conditions
  const { userMayStillPay, paymentWouldHaveArrived, tooEarly, tooLate, knownTooLong } = conditions

  const due = { do: 'due' } as const
  const notVerified = { do: 'look again', reason: 'no verified answer to our query' } as const

  return {
    states: {
      REVOKED: {
        means: 'reversed: unpaid it was closed, paid it is being refunded',
        rows: [
          {
            when: either(seenPaid, namesPayment),
            next: { do: 'finish', outcome: 'REFUNDED' },
            source: REVERSE_PAGE,
          },
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
            when: both(keep, reverseMayLand),
            next: {
              do: 'wait while this holds',
              reason: 'paid and to be kept, but a reverse of ours may still land',
            },
            source: 'inferred',
          },
          { when: keep, next: { do: 'finish', outcome: 'KEPT' }, source: QUERY_PAGE },
          { next: due, source: REVERSE_PAGE },
        ],
      },
      USERPAYING: {
        means: 'the user is at the password box',
        rows: [
          {
            when: both(userMayStillPay, notReversedYet),
            next: { do: 'wait', reason: 'the user is paying', seconds: times.userPayingAgain },
            source: APIV2_PAY_PAGE,
          },
          { next: due, source: APIV2_PAY_PAGE },
        ],
      },
      NOTPAY: {
        means: 'not paid',
        rows: [{ next: due, source: REVERSE_PAGE }],
      },
      PAYERROR: {
        means: 'the payment failed, which does not prove that nobody was charged',
        rows: [{ next: due, source: QUERY_PAGE }],
      },
      ORDER_NOT_EXIST: {
        means: 'no such order under this `mchid`, or not yet',
        rows: [
          { when: either(seenToExist, seenPaid), next: due, source: 'inferred: an order does not vanish' },
          {
            when: both(both(reverseAnswered, notRefusedForGood), paymentWouldHaveArrived),
            next: { do: 'finish', outcome: 'NOT_FOUND' },
            source: 'inferred',
          },
          { next: due, source: OVERSEAS_GUIDE },
        ],
      },
      UNKNOWN: {
        means: 'a state or a code never seen before, and verified',
        rows: [
          {
            next: { do: 'look again', reason: 'WeChat Pay answered with a state or a code this version does not know' },
            source: 'inferred: touch nothing, and alert a person',
          },
        ],
      },
      NOTHING: {
        means: 'nothing that verifies, or an error that says nothing about the order',
        rows: [
          { when: keep, next: notVerified, source: 'inferred: never reverse blind what may be kept' },
          { next: due, source: APIV2_PAY_PAGE },
        ],
      },
    },

    whenDue: [
      {
        when: both(keep, seenPaid),
        next: { do: 'look again', reason: 'seen paid before and to be kept, but the query now says otherwise' },
        source: 'inferred: never reverse again',
      },
      {
        when: tooEarly,
        next: { do: 'wait while this holds', reason: 'too early to reverse' },
        source: APIV2_REVERSE_PAGE,
      },
      { when: both(tooLate, nothingVerified), next: notVerified, source: 'inferred: it may be final already' },
      {
        when: tooLate,
        next: { ...expireAfter(times.reversible), lastReason: 'a reverse is due' },
        source: APIV2_REVERSE_PAGE,
      },
      { next: { do: 'reverse' }, source: REVERSE_PAGE },
    ],

    afterReverse: {
      answered: [
        {
          next: { do: 'look again', reason: 'WeChat Pay received the reverse, but the order is not final yet' },
          source: REVERSE_PAGE,
        },
      ],
      'refused for now': [
        { next: { do: 'look again', reason: 'WeChat Pay refused the reverse for now' }, source: ERROR_PAGE },
      ],
      'refused for good': [
        {
          when: nothingVerified,
          next: {
            do: 'look again',
            reason: 'WeChat Pay refused the reverse, and nothing verified says where the order stands',
          },
          source: 'inferred: a refused call may have been carried out',
        },
        {
          next: { do: 'refuse', error: 'ReversalRejected', detail: 'WeChat Pay refused the reverse for good' },
          source: ERROR_PAGE,
        },
      ],
      unverified: [
        { next: { do: 'look again', reason: 'the answer to the reverse does not verify' }, source: SIGNING_PAGE },
      ],
      'no answer': [{ next: { do: 'look again', reason: 'no answer to the reverse' }, source: APIV2_PAY_PAGE }],
      'not sent': [{ next: { do: 'look again', reason: 'the reverse could not be sent' }, source: APIV2_PAY_PAGE }],
    },

    whenLookingAgain: [
      {
        when: knownTooLong,
        next: expireAfter(times.lookedAtAgain),
        source: 'inferred: an end that is told, before the queue drops the order',
      },
      { next: { do: 'back off' }, source: 'inferred' },
    ],
  }
}

const expireAfter = (seconds: number) =>
  ({ do: 'expire', detail: `more than ${inWords(seconds)} have passed` }) as const

export const DECISION = decisionTable(TIMES)
