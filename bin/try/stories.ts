import { inChina } from '../operator/china-time.ts'
import { npmRun } from '../operator/npm-run.ts'
import { type Story as Started, stories as started } from '../start/stories.ts'
import type { text } from '../texts/try.ts'
import * as act from './acts.ts'
import type { Act, Scene } from './scene.ts'

export type Name = keyof typeof text.stories

export interface Story {
  /** What happens, one after the other; the last is what it promises. */
  acts: readonly Act[]
  /** Its order is a service provider's. */
  isPartner?: true
  /** How it ended, as it is called. */
  outcome: string
  /** What to type next. */
  next(scene: Scene): string
}

const LOCAL = ['--stage', 'local']
const state: Story['next'] = ({ order: { out_trade_no, sub_mchid } }) =>
  npmRun('state', [out_trade_no, ...(sub_mchid === undefined ? [] : ['--sub-mchid', sub_mchid]), ...LOCAL])
const doctor = () => npmRun('doctor', LOCAL)
const redrive = () => npmRun('redrive', LOCAL)
const events = () => npmRun('events', LOCAL)
const settle: Story['next'] = ({ order: { attempted_at } }) =>
  npmRun('settle', ['--date', inChina(Date.parse(attempted_at!)).slice(0, 10), ...LOCAL])

/** One of those that `npm start` tells. */
function asStarted(name: Started['name'], next: Story['next']): Story {
  const { state, faults, outcome } = started.find((one) => one.name === name)!
  return {
    acts: [act.place(state, faults), act.send('http'), act.ends(outcome as 'REFUNDED')],
    outcome,
    next,
  }
}

/** The reverse is refused once; a redrive goes through. */
const refused = [{ fault: 'no-auth', endpoint: 'reverse' }]
const broken = [{ fault: 'system-error', endpoint: 'reverse', times: 'always' }]
const forged = [{ fault: 'unsigned-revoked', endpoint: 'query' }]

const ended = { outcome: 'REFUNDED' } as const

export const stories: Readonly<Record<Name, Story>> = {
  paid: asStarted('paid', state),
  unpaid: asStarted('unpaid', () => npmRun('try', ['settlement'])),
  'lost-answer': asStarted('lost-answer', state),
  'late-payment': {
    acts: [act.send('sqs'), act.waits, act.paysLate, act.nextTry, act.ends('REFUNDED')],
    ...ended,
    next: state,
  },
  'dead-letter': {
    acts: [act.place('SUCCESS', refused), act.send('sqs'), act.fails('ReversalRejected')],
    outcome: 'ReversalRejected',
    next: redrive,
  },
  expired: {
    acts: [act.place('SUCCESS', broken), act.send('sqs'), act.waits, act.days(7), act.fails('ReversalExpired')],
    outcome: 'ReversalExpired',
    next: redrive,
  },
  'revoked-certificate': {
    acts: [
      act.place('SUCCESS'),
      act.revokeCertificate,
      act.send('sqs'),
      act.waits,
      act.newCertificate,
      act.nextTry,
      act.ends('REFUNDED'),
    ],
    ...ended,
    next: doctor,
  },
  'key-change': {
    acts: [
      act.place('SUCCESS'),
      act.newWechatPayKey,
      act.send('sqs'),
      act.waits,
      act.addWechatPayKey,
      act.nextTry,
      act.ends('REFUNDED'),
    ],
    ...ended,
    next: doctor,
  },
  outage: {
    acts: [act.place('SUCCESS'), act.down, act.send('http'), act.waits, act.up, act.nextTry, act.ends('REFUNDED')],
    ...ended,
    next: events,
  },
  'forged-answer': {
    acts: [act.place('SUCCESS', forged), act.send('http'), act.ends('REFUNDED')],
    ...ended,
    next: state,
  },
  partner: {
    acts: [act.place('SUCCESS'), act.send('http'), act.ends('REFUNDED')],
    isPartner: true,
    ...ended,
    next: state,
  },
  settlement: {
    acts: [act.place('NOTPAY'), act.send('http'), act.ends('REVERSED'), act.toTheBill, act.settles('NEVER_PAID')],
    outcome: 'NEVER_PAID',
    next: settle,
  },
}
