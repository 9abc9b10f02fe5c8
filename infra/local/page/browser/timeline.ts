import type { CallEntry, Entry, Ledger, OrderPart, Rule, Said, Setting } from '../parts.ts'
import { h, hidden } from './dom.ts'
import { nowMs } from './state.ts'
import { language, t, tOr } from './texts.ts'
import {
  clockTime,
  dateAndTime,
  day,
  duration,
  meaningOf,
  meaningOfSaid,
  pill,
  saidName,
  type Tone,
  toneOf,
  yuan,
} from './wording.ts'

/** One order: what the books say beside what the service says, what can be done, and everything that happened to it. */
export function orderDetail(order: OrderPart, setting: Setting) {
  const { out_trade_no, mchid, sub_mchid, ledger, service, settled, agrees, timeline } = order
  const can = (action: string) => setting.actions.includes(action)
  return h(
    'div',
    { class: 'detail' },
    h('a', { href: '#orders', class: 'back' }, t('back')),
    h(
      'h2',
      { id: 'order-heading' },
      h('span', { class: 'number' }, out_trade_no),
      h('small', {}, mchid, sub_mchid && ` · sub_mchid ${sub_mchid}`),
    ),
    h(
      'div',
      { class: 'compare' },
      h('section', { class: 'box' }, h('h3', {}, t('ledger')), ledger ? ledgerOf(ledger) : pill(t('ledgerNone'))),
      setting.mode === 'stack' &&
        h(
          'section',
          { class: 'box' },
          h('h3', {}, t('service')),
          serviceOf(service, timeline),
          settled && settledOf(settled),
        ),
      agrees !== null &&
        h(
          'p',
          { class: `verdict ${agrees ? 'agrees' : 'disagrees'}` },
          `${agrees ? '✓' : '✗'} ${t(agrees ? 'agree' : 'disagree')}`,
        ),
    ),
    can('reverse') && sendForm(order),
    can('happen') && ledger && happenings(order, ledger, setting),
    h('h3', {}, t('timeline')),
    h('ol', { class: 'timeline' }, withDays(timeline)),
  )
}

function ledgerOf({ trade_state, charged, refunded, scheduled }: Ledger) {
  return [
    pill(trade_state, toneOf(trade_state)),
    h('p', {}, tOr(`means.${trade_state}`, '')),
    h(
      'dl',
      { class: 'money' },
      h('div', {}, h('dt', {}, t('charged')), h('dd', {}, yuan(charged.amount))),
      h('div', {}, h('dt', {}, t('refunded')), h('dd', {}, yuan(refunded.amount))),
    ),
    scheduled.map(({ atMs, event }) =>
      h('p', { class: 'soon' }, t('soon', { event: tOr(`event.${event}`, event), time: duration(atMs - nowMs()) })),
    ),
  ]
}

function serviceOf(service: Said | null, timeline: readonly Entry[]) {
  if (service === null) return [pill(t('serviceNone')), h('p', {}, t('serviceNoneHelp'))]
  const said = timeline.findLast((entry) => entry.kind === 'said')
  const againAtMs = service.retryAfterSeconds === null ? null : (said?.atMs ?? 0) + service.retryAfterSeconds * 1000
  return [
    pill(saidName(service), toneOf(saidName(service))),
    h('p', {}, meaningOfSaid(service)),
    againAtMs !== null && h('p', { class: 'soon' }, t('again', { time: duration(againAtMs - nowMs()) })),
  ]
}

/** What the bill of the day says of it, later. */
const settledOf = (settled: Said) => [
  h('h3', {}, t('bill')),
  pill(saidName(settled), toneOf(saidName(settled))),
  h('p', {}, meaningOfSaid(settled)),
]

const option = (value: string | number, text: string) => h('option', { value }, text)

function sendForm({ mchid, out_trade_no }: OrderPart) {
  return h(
    'form',
    { key: `send ${mchid}/${out_trade_no}`, class: 'send', 'data-action': 'reverse' },
    hidden({ mchid, out_trade_no }),
    h(
      'label',
      {},
      h('span', {}, t('attempted')),
      h(
        'select',
        { name: 'attempted_seconds_ago' },
        option(60, t('minuteAgo')),
        option(0, t('justNow')),
        option(6 * 86_400 + 23 * 3_600, t('sixDaysAgo')),
        option(8 * 86_400, t('eightDaysAgo')),
      ),
    ),
    h(
      'label',
      {},
      h('span', {}, t('ifPaid')),
      h('select', { name: 'if_paid' }, option('refund', t('giveBack')), option('keep', t('keep'))),
    ),
    h(
      'div',
      { class: 'buttons', role: 'group', 'aria-label': t('send') },
      h('span', { class: 'label' }, t('send')),
      (['http', 'sqs', 'step'] as const).map((way) =>
        h('button', { type: 'submit', name: 'way', value: way, class: 'primary' }, t(way)),
      ),
    ),
  )
}

/** What the customer, or WeChat Pay itself, may still do. Reversing is left to whoever asks for it. */
function happenings({ mchid, out_trade_no }: OrderPart, { trade_state }: Ledger, { transitions }: Setting) {
  const events = (transitions[trade_state] ?? []).filter((event) => event !== 'reverse')
  if (events.length === 0) return null
  return h(
    'form',
    { class: 'happen', 'data-action': 'happen' },
    hidden({ mchid, out_trade_no }),
    h(
      'div',
      { class: 'buttons', role: 'group', 'aria-label': t('happen') },
      h('span', { class: 'label' }, t('happen')),
      events.map((event) => h('button', { type: 'submit', name: 'event', value: event }, tOr(`event.${event}`, event))),
    ),
  )
}

/** The entries, and the new day wherever one begins between two of them. */
function withDays(timeline: readonly Entry[]) {
  const seen = new Map<string, number>()
  return timeline.map((entry, index) => {
    const date = day(entry.atMs)
    const isNewDay = index > 0 && day(timeline[index - 1]!.atMs) !== date
    // Counted, not numbered: the oldest of very many are left out, and the others stay who they are.
    const name = `${entry.atMs} ${entry.kind}`
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    return [isNewDay && h('li', { key: `day ${date}`, class: 'day' }, date), entryOf(entry, `${name} ${count}`)]
  })
}

function entryOf(entry: Entry, key: string) {
  const { tone, content } = CONTENT[entry.kind](entry as never)
  return h(
    'li',
    { key, class: `entry ${entry.kind} ${tone}` },
    h('time', { datetime: new Date(entry.atMs).toISOString(), title: dateAndTime(entry.atMs) }, clockTime(entry.atMs)),
    h('div', { class: 'what' }, content),
  )
}

interface Shown {
  tone: Tone
  content: (Node | null | false)[]
}

const heading = (...children: (Node | string | null | false)[]) => h('p', { class: 'heading' }, children)
const line = (text: string) => (text === '' ? null : h('p', { class: 'meaning' }, text))

const CONTENT: { [Kind in Entry['kind']]: (entry: Extract<Entry, { kind: Kind }>) => Shown } = {
  ledger: ({ event, trade_state }) => ({
    tone: 'plain',
    content: [
      heading(
        h('span', { class: 'who' }, t('books')),
        tOr(`event.${event}`, event),
        pill(trade_state, toneOf(trade_state)),
      ),
    ],
  }),
  asked: ({ way, if_paid, answered }) => ({
    tone: 'plain',
    content: [
      heading(h('strong', {}, t('askedFor', { way: t(way) })), pill(`if_paid: ${if_paid}`)),
      line(answered === null ? '' : t('answeredWith', { answer: answered === 'sent' ? t('queued') : answered })),
    ],
  }),
  call: callContent,
  said: (said) => ({
    tone: (said.settlement ?? said.outcome) ? toneOf(saidName(said)) : said.level === 'INFO' ? 'plain' : 'bad',
    content: [
      heading(
        h('strong', {}, tOr(`said.${said.message}`, said.message)),
        saidName(said) !== '' && pill(saidName(said), toneOf(saidName(said))),
        said.retryAfterSeconds !== null && pill(t('again', { time: duration(said.retryAfterSeconds * 1000) })),
      ),
      line(meaningOfSaid(said)),
      ...said.rules.map(ruleLine),
    ],
  }),
  event: ({ type, outcome }) => ({
    tone: 'plain',
    content: [heading(t('published'), pill(type), outcome !== null && pill(outcome, toneOf(outcome)))],
  }),
}

function callContent(call: CallEntry): Shown {
  const { endpoint, host, signed, refused, fault, answer, rules } = call
  const isLost = answer.check === 'lost'
  const isTrusted = answer.check === 'verified'
  return {
    tone: isTrusted && refused === null ? 'good' : isLost || refused === null ? 'wait' : 'bad',
    content: [
      ...rules.map(ruleLine),
      heading(
        h('strong', {}, tOr(endpoint, endpoint)),
        h('span', { class: 'arrow', 'aria-hidden': 'true' }, '→'),
        isLost ? pill(t('lostAnswer'), 'bad') : pill(answer.said, toneOf(answer.said)),
        host === 'backup' && pill(t('backupBadge')),
        fault !== null && pill(t('faultBadge', { fault }), 'bad'),
      ),
      line(meaningOf(call)),
      h(
        'p',
        { class: 'checks' },
        h(
          'span',
          { class: refused === null ? 'good' : 'bad' },
          refused === null ? `✓ ${t('verifiedOurs')}` : `✗ ${t('refusedOurs')}`,
        ),
        !isLost &&
          h('span', { class: isTrusted ? 'good' : 'bad' }, isTrusted ? `✓ ${t('verified')}` : `✗ ${t('unverified')}`),
      ),
      h(
        'details',
        {},
        h('summary', {}, t('details')),
        h('h4', {}, t('signedBytes'), h('small', {}, t('signedWith', { serial: signed.serial }))),
        h(
          'pre',
          { tabindex: 0, role: 'group', 'aria-label': t('signedBytes') },
          [signed.method, signed.target, signed.timestamp, signed.nonce, signed.body].join('\n'),
        ),
        h('p', { class: 'quiet' }, t('notShown')),
        !isLost && [
          h(
            'h4',
            {},
            `${t('answered')} ${answer.status}`,
            h('small', {}, answer.serial ? t('signedByKey', { serial: answer.serial }) : t('unsignedAnswer')),
          ),
          h('pre', { tabindex: 0, role: 'group', 'aria-label': t('answered') }, answer.body),
          answer.request_id && h('p', { class: 'quiet' }, `Request-ID ${answer.request_id}`),
        ],
      ),
    ],
  }
}

/** The row of the decision table, as the README draws it. */
function ruleLine(rule: Rule) {
  const { table, when, next } = rule[language.now]
  return h(
    'p',
    { class: 'rule', title: rule.source || undefined },
    h('span', { class: 'who' }, t('rule')),
    h('b', {}, plain(table)),
    ` · ${plain(when)} → `,
    h('b', {}, plain(next)),
  )
}

const plain = (markdown: string) => markdown.replaceAll('`', '')
