import type { Facts } from './facts.ts'

export const SETTLEMENTS = ['REFUNDED', 'NEVER_PAID', 'PAID', 'DISAGREES'] as const
export type SettlementName = (typeof SETTLEMENTS)[number]

/** Until which bills an order waits. */
type Wait = keyof Facts['missing']

interface Row {
  when: (facts: Facts) => boolean
  next: SettlementName | { waitFor: Wait }
  says: string
}

const is =
  (...outcomes: Facts['outcome'][]) =>
  (facts: Facts) =>
    outcomes.includes(facts.outcome)
const lacks = (wait: Wait) => (facts: Facts) => facts.missing[wait].length > 0
const both =
  (...conditions: ((facts: Facts) => boolean)[]) =>
  (facts: Facts) =>
    conditions.every((condition) => condition(facts))

const isNowhere = ({ isInTheBooks }: Facts) => !isInTheBooks

/**
 * What WeChat Pay's books say in the end of an outcome that left the money open. Read from top to bottom: the first row that
 * fits decides. Rows of an order prove what they say on their own; that there is none is proved by complete bills only.
 *
 * A bill holds paid orders only, those reversed after payment with a row REVOKED beside the one of the payment (official:
 * https://pay.weixin.qq.com/docs/merchant/products/bill-download/format-trade.html;
 * https://pay.weixin.qq.com/doc/v3/merchant/4012556654). How many days a row can be late is inferred.
 */
export const TABLE: readonly Row[] = [
  {
    when: ({ isOfAnotherMerchant }) => isOfAnotherMerchant,
    next: 'DISAGREES',
    says: 'the books have the order under another sub_mchid',
  },
  { when: both(is('KEPT'), ({ isRevoked }) => isRevoked), next: 'DISAGREES', says: 'kept, and reversed by somebody' },
  { when: ({ isRevoked }) => isRevoked, next: 'REFUNDED', says: 'paid, and returned by the reverse' },
  { when: ({ isRefundedWhole }) => isRefundedWhole, next: 'REFUNDED', says: 'paid, and refunded in whole' },
  { when: lacks('own'), next: { waitFor: 'own' }, says: 'a bill from the attempt to the outcome is missing' },
  { when: both(is('REVERSED', 'NOT_FOUND'), isNowhere), next: 'NEVER_PAID', says: 'in no bill: nobody was charged' },
  { when: is('NOT_FOUND'), next: 'DISAGREES', says: 'not found, and in the books all the same' },
  { when: both(is('KEPT'), lacks('dayAfter')), next: { waitFor: 'dayAfter' }, says: 'it may have been reversed since' },
  { when: both(is('KEPT'), ({ isPaid }) => isPaid), next: 'PAID', says: 'paid, and not reversed' },
  { when: lacks('threeAfter'), next: { waitFor: 'threeAfter' }, says: 'the row that is missing may come late' },
  { when: is('REVERSED'), next: 'DISAGREES', says: 'reversed, and not returned in whole within three days' },
  { when: is('KEPT'), next: 'DISAGREES', says: 'kept, and not paid within three days' },
]
