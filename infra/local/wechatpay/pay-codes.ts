import type { OrderEvent } from './order.ts'

export interface PayCode {
  /** What the customer behind this pay code does. */
  does: string
  /** What happens to the order, each so many ms after the codepay call. */
  events: { afterMs: number; event: OrderEvent }[]
  /** The business error codepay answers with, instead of the order's state. */
  answer?: 'NOT_ENOUGH' | 'SYSTEM_ERROR'
  /** What codepay's request or answer meets on its way, by its name in the table of faults. */
  fault?: 'reset' | 'reset-after-effect'
}

/** The simulator's customers, told apart by the last two digits of `auth_code`. Any other ending pays at once. */
export const payCodes: Record<string, PayCode> = {
  '00': { does: 'pays at once', events: [{ afterMs: 0, event: 'pay' }] },
  '01': {
    does: 'is asked for the password and enters it after 8 s',
    events: [
      { afterMs: 0, event: 'prompt' },
      { afterMs: 8_000, event: 'pay' },
    ],
  },
  '02': { does: 'is asked for the password and never enters it', events: [{ afterMs: 0, event: 'prompt' }] },
  '03': {
    does: 'is asked for the password and enters it after 60 s, when nobody waits any more',
    events: [
      { afterMs: 0, event: 'prompt' },
      { afterMs: 60_000, event: 'pay' },
    ],
  },
  '04': { does: 'has not enough money', events: [{ afterMs: 0, event: 'fail' }], answer: 'NOT_ENOUGH' },
  '05': {
    does: 'is charged although the order says PAYERROR',
    events: [
      { afterMs: 0, event: 'fail' },
      { afterMs: 0, event: 'charge' },
    ],
  },
  '06': {
    does: 'pays, but codepay answers SYSTEM_ERROR',
    events: [{ afterMs: 0, event: 'pay' }],
    answer: 'SYSTEM_ERROR',
  },
  '07': { does: 'never sees the payment: it stays NOTPAY', events: [] },
  '08': {
    does: 'pays, but the connection breaks before codepay answers',
    events: [{ afterMs: 0, event: 'pay' }],
    fault: 'reset-after-effect',
  },
  '09': { does: 'never hears of it: the connection breaks, and codepay did nothing', events: [], fault: 'reset' },
}

/** The customer behind an `auth_code`. */
export const payCodeOf = (authCode: string): PayCode => payCodes[authCode.slice(-2)] ?? payCodes['00']!
