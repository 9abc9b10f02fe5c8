import type { Step } from '../../../../lib/reversal/decision/decide.ts'
import type { OrderFacts } from '../../../../lib/reversal/decision/facts.ts'

/** When every case is decided. */
export const NOW = Date.parse('2026-01-31T12:00:00Z')

const DAYS = 24 * 60 * 60
const ago = (seconds: number) => NOW - seconds * 1000

/** An order given up, first seen a minute ago, of which nothing else is known. */
const order = (facts: Partial<OrderFacts>): OrderFacts => ({
  ifPaid: 'refund',
  firstSeenAtMs: ago(60),
  reverseMayHaveActed: facts.reverseSentAtMs !== undefined,
  wasSeenPaid: false,
  wasSeenToExist: false,
  namesPayment: false,
  isMismatch: false,
  ...facts,
})

/** A step in one line, for people. */
export function inWords(step: Step): string {
  switch (step.do) {
    case 'query':
      return step.onOwnConnection ? 'query alone' : 'query'
    case 'reverse':
      return step.do
    case 'finish':
      return `finish ${step.outcome}`
    case 'refuse':
      return `refuse ${step.error}: ${step.detail}`
    case 'wait':
      return `wait ${step.seconds === undefined ? 'a while' : `${step.seconds} s`}: ${step.reason}`
  }
}

export interface Case {
  title: string
  facts: OrderFacts
  /** The step in words. */
  next: string
}

const rule = (title: string, facts: Partial<OrderFacts>, next: string): Case => ({ title, facts: order(facts), next })

const EXPIRED = 'refuse ReversalExpired: more than 7 days have passed; last reason: '
const ELSEWHERE = 'refuse RefundedElsewhere: refunded by other means, perhaps in part: a person must look'
const REJECTED = 'refuse ReversalRejected: WeChat Pay refused the reverse for good'
const TOO_EARLY = 'too early to reverse'
const MAY_LAND = 'paid and to be kept, but a reverse of ours may still land'
const NOT_VERIFIED = 'no verified answer to our query'
const NOT_FINAL = 'WeChat Pay received the reverse, but the order is not final yet'

/** Every rule of the decision table, and both sides of every boundary. */
export const CASES: Record<string, Case[]> = {
  'an attempt begins with a query': [
    rule('when nothing was asked yet', {}, 'query'),
    rule('however young the order', { attemptedAtMs: NOW }, 'query'),
    rule('however old the order', { firstSeenAtMs: ago(30 * DAYS) }, 'query'),
    rule(
      'whatever earlier attempts saw',
      { wasSeenPaid: true, reverseSentAtMs: ago(5), reverseAnsweredAtMs: ago(5) },
      'query',
    ),
    rule('and goes on with one after its reverse, whatever came of that', { reversed: 'answered' }, 'query'),
  ],

  'a query is alone on its connection when an answer that names no order would decide': [
    rule('to keep or to reverse', { ifPaid: 'keep' }, 'query alone'),
    rule('that there is no such order', { reverseSentAtMs: ago(5), reverseAnsweredAtMs: ago(5) }, 'query alone'),
    rule('but not before a reverse was answered', { reverseSentAtMs: ago(5) }, 'query'),
    rule(
      'nor of an order that was there in this attempt',
      { reverseAnsweredAtMs: NOW, reversed: 'answered', wasSeenToExist: true },
      'query',
    ),
    rule('nor of one seen paid before', { reverseAnsweredAtMs: ago(5), wasSeenPaid: true }, 'query'),
  ],

  'REVOKED ends the order': [
    rule('REVERSED when no payment is proved', { seen: 'REVOKED' }, 'finish REVERSED'),
    rule('REFUNDED when SUCCESS was seen before', { seen: 'REVOKED', wasSeenPaid: true }, 'finish REFUNDED'),
    rule(
      'REFUNDED when the answer itself names the payment',
      { seen: 'REVOKED', namesPayment: true },
      'finish REFUNDED',
    ),
    rule('also when it should have been kept', { seen: 'REVOKED', ifPaid: 'keep' }, 'finish REVERSED'),
    rule('however old it is', { seen: 'REVOKED', firstSeenAtMs: ago(30 * DAYS) }, 'finish REVERSED'),
    rule('however young it is', { seen: 'REVOKED', attemptedAtMs: ago(1) }, 'finish REVERSED'),
    rule(
      'although our reverse was refused for good',
      { seen: 'REVOKED', reversed: 'refused for good' },
      'finish REVERSED',
    ),
  ],

  'CLOSED ends the order': [
    rule('as closed unpaid', { seen: 'CLOSED' }, 'finish CLOSED'),
    rule('however old it is', { seen: 'CLOSED', firstSeenAtMs: ago(30 * DAYS) }, 'finish CLOSED'),
  ],

  'REFUND is ours only after a reverse of ours': [
    rule('without one a person must look', { seen: 'REFUND' }, ELSEWHERE),
    rule('with one the customer has the money back', { seen: 'REFUND', reverseSentAtMs: ago(30) }, 'finish REFUNDED'),
    rule(
      'a refused one of ours gave nobody money back',
      { seen: 'REFUND', reverseSentAtMs: NOW, reverseMayHaveActed: false, reversed: 'refused for now' },
      ELSEWHERE,
    ),
    rule(
      'an earlier SUCCESS does not make it ours',
      { seen: 'REFUND', wasSeenPaid: true, namesPayment: true },
      ELSEWHERE,
    ),
  ],

  'SUCCESS is reversed when the sale was given up': [
    rule('by default', { seen: 'SUCCESS', wasSeenPaid: true }, 'reverse'),
    rule(
      'once in an attempt: then we look again later',
      { seen: 'SUCCESS', wasSeenPaid: true, reverseSentAtMs: NOW, reversed: 'answered' },
      `wait a while: ${NOT_FINAL}`,
    ),
  ],

  'SUCCESS is kept with `if_paid: keep`': [
    rule('at once when we never sent a reverse', { seen: 'SUCCESS', ifPaid: 'keep', wasSeenPaid: true }, 'finish KEPT'),
    rule(
      'not 89 s after a reverse of ours: it may still land',
      { seen: 'SUCCESS', ifPaid: 'keep', wasSeenPaid: true, reverseSentAtMs: ago(89) },
      `wait 1 s: ${MAY_LAND}`,
    ),
    rule(
      'but 90 s after it',
      { seen: 'SUCCESS', ifPaid: 'keep', wasSeenPaid: true, reverseSentAtMs: ago(90) },
      'finish KEPT',
    ),
    rule(
      'and waits as long when the reverse was sent in this attempt',
      { seen: 'SUCCESS', ifPaid: 'keep', wasSeenPaid: true, reverseSentAtMs: NOW, reversed: 'answered' },
      `wait 90 s: ${MAY_LAND}`,
    ),
    rule(
      'although that reverse was refused for good',
      { seen: 'SUCCESS', ifPaid: 'keep', wasSeenPaid: true, reverseSentAtMs: ago(90), reversed: 'refused for good' },
      'finish KEPT',
    ),
    rule(
      'however old it is',
      { seen: 'SUCCESS', ifPaid: 'keep', wasSeenPaid: true, firstSeenAtMs: ago(30 * DAYS) },
      'finish KEPT',
    ),
    rule(
      'and never reversed again, should a query say otherwise later',
      { seen: 'NOTPAY', ifPaid: 'keep', wasSeenPaid: true },
      'wait a while: seen paid before and to be kept, but the query now says otherwise',
    ),
  ],

  'USERPAYING gets 45 s since attempted_at, else since we first saw the order': [
    rule(
      '44 s after attempted_at we look again in 5 s',
      { seen: 'USERPAYING', attemptedAtMs: ago(44) },
      'wait 5 s: the user is paying',
    ),
    rule('45 s after attempted_at it is reversed', { seen: 'USERPAYING', attemptedAtMs: ago(45) }, 'reverse'),
    rule(
      '44 s after first sight we look again in 5 s',
      { seen: 'USERPAYING', firstSeenAtMs: ago(44) },
      'wait 5 s: the user is paying',
    ),
    rule('45 s after first sight it is reversed', { seen: 'USERPAYING', firstSeenAtMs: ago(45) }, 'reverse'),
    rule(
      'attempted_at counts, not when we first saw it',
      { seen: 'USERPAYING', attemptedAtMs: ago(45), firstSeenAtMs: ago(1) },
      'reverse',
    ),
    rule(
      'attempted_at may lie a little ahead of our clock',
      { seen: 'USERPAYING', attemptedAtMs: ago(-300) },
      'wait 5 s: the user is paying',
    ),
    rule(
      'after a reverse in this attempt it is like any other state that is not final',
      { seen: 'USERPAYING', attemptedAtMs: ago(20), reversed: 'answered' },
      `wait a while: ${NOT_FINAL}`,
    ),
  ],

  'an unpaid, failed or unknown order is reversed': [
    rule('NOTPAY', { seen: 'NOTPAY' }, 'reverse'),
    rule('NOTPAY with `if_paid: keep` too: it is not paid', { seen: 'NOTPAY', ifPaid: 'keep' }, 'reverse'),
    rule('PAYERROR, which does not prove that nobody was charged', { seen: 'PAYERROR' }, 'reverse'),
    rule('an order WeChat Pay does not know (yet)', { seen: 'ORDER_NOT_EXIST' }, 'reverse'),
  ],

  'no reverse within 15 s since attempted_at, else since we first saw the order': [
    rule('14 s after attempted_at we wait 1 s', { seen: 'NOTPAY', attemptedAtMs: ago(14) }, `wait 1 s: ${TOO_EARLY}`),
    rule('14.2 s after it too: whole seconds', { seen: 'NOTPAY', attemptedAtMs: ago(14.2) }, `wait 1 s: ${TOO_EARLY}`),
    rule('15 s after attempted_at it is reversed', { seen: 'NOTPAY', attemptedAtMs: ago(15) }, 'reverse'),
    rule('14 s after first sight we wait 1 s', { seen: 'NOTPAY', firstSeenAtMs: ago(14) }, `wait 1 s: ${TOO_EARLY}`),
    rule('15 s after first sight it is reversed', { seen: 'NOTPAY', firstSeenAtMs: ago(15) }, 'reverse'),
    rule(
      'attempted_at counts, not first sight',
      { seen: 'NOTPAY', attemptedAtMs: ago(15), firstSeenAtMs: NOW },
      'reverse',
    ),
    rule('SUCCESS waits too', { seen: 'SUCCESS', wasSeenPaid: true, attemptedAtMs: NOW }, `wait 15 s: ${TOO_EARLY}`),
    rule('no verified answer waits too', { seen: 'NOTHING', attemptedAtMs: ago(5) }, `wait 10 s: ${TOO_EARLY}`),
    rule('an unknown order waits too', { seen: 'ORDER_NOT_EXIST', attemptedAtMs: ago(5) }, `wait 10 s: ${TOO_EARLY}`),
    rule(
      'ahead of our clock it waits longer',
      { seen: 'NOTPAY', attemptedAtMs: ago(-300) },
      `wait 315 s: ${TOO_EARLY}`,
    ),
  ],

  'no reverse after 7 days since attempted_at, else since we first saw the order': [
    rule('7 days after attempted_at it is still reversed', { seen: 'NOTPAY', attemptedAtMs: ago(7 * DAYS) }, 'reverse'),
    rule(
      'a second later it expires',
      { seen: 'NOTPAY', attemptedAtMs: ago(7 * DAYS + 1) },
      `${EXPIRED}a reverse is due`,
    ),
    rule('7 days after first sight it is still reversed', { seen: 'SUCCESS', firstSeenAtMs: ago(7 * DAYS) }, 'reverse'),
    rule(
      'a second later it expires, paid or not',
      { seen: 'SUCCESS', firstSeenAtMs: ago(7 * DAYS + 1) },
      `${EXPIRED}a reverse is due`,
    ),
    rule(
      'attempted_at counts, not first sight',
      { seen: 'NOTPAY', attemptedAtMs: ago(6 * DAYS), firstSeenAtMs: ago(8 * DAYS) },
      'reverse',
    ),
    rule(
      'when nothing verifies it may be final already: we ask again',
      { seen: 'NOTHING', attemptedAtMs: ago(8 * DAYS) },
      `wait a while: ${NOT_VERIFIED}`,
    ),
    rule(
      'but not for ever: 7 days after first sight we still ask',
      { seen: 'NOTHING', attemptedAtMs: ago(8 * DAYS), firstSeenAtMs: ago(7 * DAYS) },
      `wait a while: ${NOT_VERIFIED}`,
    ),
    rule(
      'a second later it expires',
      { seen: 'NOTHING', attemptedAtMs: ago(8 * DAYS), firstSeenAtMs: ago(7 * DAYS + 1) },
      `${EXPIRED}${NOT_VERIFIED}`,
    ),
    rule(
      'a state nobody knows ends there too',
      { seen: 'UNKNOWN', firstSeenAtMs: ago(7 * DAYS + 1) },
      `${EXPIRED}WeChat Pay answered with a state or a code this version does not know`,
    ),
    rule(
      'and a reverse that was answered but changed nothing',
      { seen: 'NOTPAY', attemptedAtMs: ago(60), firstSeenAtMs: ago(7 * DAYS + 1), reversed: 'answered' },
      `${EXPIRED}${NOT_FINAL}`,
    ),
  ],

  'ORDER_NOT_EXIST ends the order as NOT_FOUND only when no payment can arrive any more': [
    rule(
      '89 s after first sight it is reversed again',
      { seen: 'ORDER_NOT_EXIST', reverseAnsweredAtMs: ago(30), firstSeenAtMs: ago(89) },
      'reverse',
    ),
    rule(
      '90 s after first sight it is final',
      { seen: 'ORDER_NOT_EXIST', reverseAnsweredAtMs: ago(30), firstSeenAtMs: ago(90) },
      'finish NOT_FOUND',
    ),
    rule(
      '389 s after attempted_at it is not yet',
      { seen: 'ORDER_NOT_EXIST', reverseAnsweredAtMs: NOW, firstSeenAtMs: NOW, attemptedAtMs: ago(389) },
      'reverse',
    ),
    rule(
      '390 s after attempted_at it is, although we have only just seen it',
      { seen: 'ORDER_NOT_EXIST', reverseAnsweredAtMs: NOW, firstSeenAtMs: NOW, attemptedAtMs: ago(390) },
      'finish NOT_FOUND',
    ),
    rule(
      'right after the reverse of this attempt too',
      { seen: 'ORDER_NOT_EXIST', reverseAnsweredAtMs: NOW, reversed: 'answered', firstSeenAtMs: ago(90) },
      'finish NOT_FOUND',
    ),
    rule(
      'nor when WeChat Pay knew the order in this very attempt: it does not vanish',
      {
        seen: 'ORDER_NOT_EXIST',
        wasSeenToExist: true,
        reverseAnsweredAtMs: NOW,
        reversed: 'answered',
        firstSeenAtMs: ago(90),
      },
      'wait a while: WeChat Pay received the reverse, but the order is not final yet',
    ),
    rule(
      'nor when it was seen paid: the customer was charged, so the reverse is sent again',
      { seen: 'ORDER_NOT_EXIST', wasSeenPaid: true, reverseAnsweredAtMs: ago(30), firstSeenAtMs: ago(90) },
      'reverse',
    ),
    rule(
      'never without a verified answer to a reverse',
      { seen: 'ORDER_NOT_EXIST', firstSeenAtMs: ago(DAYS) },
      'reverse',
    ),
    rule(
      'nor after one that nobody answered',
      { seen: 'ORDER_NOT_EXIST', reverseSentAtMs: NOW, reversed: 'no answer', firstSeenAtMs: ago(DAYS) },
      'wait a while: no answer to the reverse',
    ),
    rule(
      'nor when this attempt was refused for good',
      { seen: 'ORDER_NOT_EXIST', reverseAnsweredAtMs: ago(30), reversed: 'refused for good', firstSeenAtMs: ago(DAYS) },
      REJECTED,
    ),
  ],

  'a state or a code never seen before touches nothing': [
    rule(
      'we wait',
      { seen: 'UNKNOWN' },
      'wait a while: WeChat Pay answered with a state or a code this version does not know',
    ),
    rule(
      'also after a reverse that was refused for good',
      { seen: 'UNKNOWN', reversed: 'refused for good' },
      'wait a while: WeChat Pay answered with a state or a code this version does not know',
    ),
  ],

  'a query that brought nothing verified': [
    rule('leads to a reverse of what was given up', { seen: 'NOTHING' }, 'reverse'),
    rule(
      'never to a blind reverse of what may be kept',
      { seen: 'NOTHING', ifPaid: 'keep' },
      `wait a while: ${NOT_VERIFIED}`,
    ),
  ],

  'a reverse that did not end the order is looked at again later': [
    rule('answered', { seen: 'NOTPAY', reversed: 'answered' }, `wait a while: ${NOT_FINAL}`),
    rule(
      'refused for now',
      { seen: 'NOTPAY', reversed: 'refused for now' },
      'wait a while: WeChat Pay refused the reverse for now',
    ),
    rule(
      'unverified',
      { seen: 'NOTPAY', reversed: 'unverified' },
      'wait a while: the answer to the reverse does not verify',
    ),
    rule('not answered', { seen: 'NOTPAY', reversed: 'no answer' }, 'wait a while: no answer to the reverse'),
    rule('not sent', { seen: 'NOTPAY', reversed: 'not sent' }, 'wait a while: the reverse could not be sent'),
    rule(
      'and is not held against its age',
      { seen: 'NOTPAY', reversed: 'answered', attemptedAtMs: ago(8 * DAYS) },
      `wait a while: ${NOT_FINAL}`,
    ),
  ],

  'a reverse that was refused for good': [
    rule(
      'is a refusal of ours when a verified query shows that the order is not final',
      { seen: 'NOTPAY', reversed: 'refused for good' },
      REJECTED,
    ),
    rule('paid', { seen: 'SUCCESS', wasSeenPaid: true, reversed: 'refused for good' }, REJECTED),
    rule(
      'or while the user may still pay',
      { seen: 'USERPAYING', attemptedAtMs: ago(20), reversed: 'refused for good' },
      REJECTED,
    ),
    rule(
      'proves nothing alone',
      { seen: 'NOTHING', reversed: 'refused for good' },
      'wait a while: WeChat Pay refused the reverse, and nothing verified says where the order stands',
    ),
  ],

  'merchants that do not belong to the order': [
    rule('are no proof before a reverse was refused, too', { seen: 'NOTHING', isMismatch: true }, 'reverse'),
    rule(
      'refuse it when a reverse was refused for good',
      { seen: 'NOTHING', isMismatch: true, reversed: 'refused for good' },
      REJECTED,
    ),
    rule(
      'do not when it was refused for now',
      { seen: 'NOTHING', isMismatch: true, reversed: 'refused for now' },
      'wait a while: WeChat Pay refused the reverse for now',
    ),
    rule(
      'are not asked again when it is too late to reverse: the order will never stand under these names',
      { seen: 'NOTHING', isMismatch: true, attemptedAtMs: ago(8 * DAYS) },
      `${EXPIRED}a reverse is due`,
    ),
    rule(
      'are never reversed blind when the order may be kept',
      { seen: 'NOTHING', isMismatch: true, ifPaid: 'keep' },
      `wait a while: ${NOT_VERIFIED}`,
    ),
  ],
}
