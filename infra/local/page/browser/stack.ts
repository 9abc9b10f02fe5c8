import type { EventPart, ExecutionPart, Message } from '../parts.ts'
import { h } from './dom.ts'
import { nowMs, state } from './state.ts'
import { t, tOr } from './texts.ts'
import { clockTime, duration, pill, toneOf } from './wording.ts'

/** The local stack's queue, dead letters, executions and events, newest first. */
export function stackCards() {
  const { queue, deadLetters, executions, events } = state.parts
  return [
    card('queue', queue, (message) => messageRow(message, waiting(message))),
    card('deadLetters', deadLetters, (message) => messageRow(message, deadLetterLines(message))),
    card('executions', executions, executionRow),
    card('events', events, eventRow),
  ]
}

function card<T>(
  name: 'queue' | 'deadLetters' | 'executions' | 'events',
  all: readonly T[] = [],
  row: (one: T) => HTMLElement,
) {
  return h(
    'section',
    { class: 'card list', 'aria-labelledby': name },
    h('h2', { id: name }, t(name), all.length > 0 && h('span', { class: 'count' }, all.length)),
    all.length === 0
      ? h('p', { class: 'quiet' }, h('strong', {}, t(`${name}None`)), ' ', t(`${name}NoneHelp`))
      : h('ul', { tabindex: 0, 'aria-labelledby': name }, all.toReversed().map(row)),
  )
}

const numberOrText = (out_trade_no: string | null, text: string) =>
  out_trade_no === null ? h('code', {}, text) : h('span', { class: 'number' }, out_trade_no)

const messageRow = ({ id, out_trade_no, text, received }: Message, lines: (Node | false)[]) =>
  h(
    'li',
    { key: id },
    h('p', {}, numberOrText(out_trade_no, text), received > 0 && pill(t('received', { count: received }))),
    lines,
  )

function waiting({ state: how, visibleAtMs }: Message) {
  const until = visibleAtMs === null ? '' : ` · ${t('nextAt', { time: duration(visibleAtMs - nowMs()) })}`
  return [h('p', { class: 'quiet' }, `${t(how)}${until}`)]
}

function deadLetterLines({ error, detail }: Message): (Node | false)[] {
  return [
    h('p', {}, pill(error ?? t('neverFinished'), 'bad'), error !== null && tOr(`error.${error}`, '')),
    detail !== null && h('p', { class: 'quiet' }, detail),
  ]
}

function executionRow({ name, out_trade_no, status, state: at, outcome, error, cause }: ExecutionPart) {
  return h(
    'li',
    { key: name },
    h('p', {}, numberOrText(out_trade_no, name), pill(status, toneOf(status))),
    h('p', { class: 'quiet' }, [at, outcome ?? error, error === null ? null : cause].filter(Boolean).join(' · ')),
  )
}

function eventRow({ id, atMs, type, out_trade_no, outcome, detail }: EventPart) {
  return h(
    'li',
    { key: id },
    h('p', {}, numberOrText(out_trade_no, type), outcome !== null && pill(outcome, toneOf(outcome))),
    h('p', { class: 'quiet' }, [clockTime(atMs), type, detail].filter(Boolean).join(' · ')),
  )
}
