import type { Plan, Setting } from '../parts.ts'
import { h, hidden } from './dom.ts'
import { faultInChinese } from './faults.zh-CN.ts'
import { freeNumber, nowMs, orders, state } from './state.ts'
import { language, t, tOr } from './texts.ts'
import { storyButtons } from './welcome.ts'
import { dateAndTime, duration } from './wording.ts'

/** What goes wrong most often, first in the list. */
const USUAL = [
  'reset-after-effect',
  'silence-after-effect',
  'silence',
  'reset',
  'unsigned',
  'wrong-key',
  'bad-gateway-page',
  'system-error',
  'system-error-after-effect',
  'frequency-limited',
  'stale-read',
  'no-auth',
]

/** Open where there is room for it; then as whoever looks at it wants. */
const foldable = (title: string, ...content: (Node | Node[])[]) =>
  h(
    'details',
    { class: 'card', open: matchMedia('(min-width: 761px)').matches },
    h('summary', {}, h('h2', { class: 'fold' }, title)),
    h('div', { class: 'folded' }, ...content),
  )

const option = (value: string | number, text: string) => h('option', { value }, text)
const field = (label: string, control: HTMLElement) => h('label', {}, h('span', {}, label), control)

/** Everything that makes something happen, but for what belongs to one order. */
export function controls(setting: Setting) {
  const can = (action: string) => setting.actions.includes(action)
  return [
    can('pay') && newOrder(setting),
    can('reverse') && orders().length > 0 && foldable(t('stories'), storyButtons()),
    can('forward') && clock(can('settle')),
    can('plan') && plans(setting),
    can('domain') && domains(),
  ]
}

function newOrder(setting: Setting) {
  const subMerchants = setting.merchants.flatMap((one) => one.subMerchants)
  return h(
    'form',
    { class: 'card', 'data-action': 'pay', 'aria-labelledby': 'new-order' },
    h('h2', { id: 'new-order' }, t('newOrder')),
    setting.merchants.length > 1
      ? field(
          'mchid',
          h(
            'select',
            { name: 'mchid' },
            setting.merchants.map(({ mchid }) => option(mchid, mchid)),
          ),
        )
      : hidden({ mchid: setting.merchants[0]!.mchid }),
    subMerchants.length > 0 &&
      field(
        t('whose'),
        h(
          'select',
          { name: 'sub_mchid' },
          option('', t('ownOrder')),
          subMerchants.map((one) => option(one, `sub_mchid ${one}`)),
        ),
      ),
    h(
      'div',
      { class: 'pair' },
      field(
        t('number'),
        h('input', {
          name: 'out_trade_no',
          value: freeNumber('order-0'),
          required: true,
          maxlength: 32,
          pattern: '[0-9A-Za-z_*\\-]{1,32}',
          autocomplete: 'off',
          spellcheck: 'false',
        }),
      ),
      field(
        t('amount'),
        h('input', {
          name: 'yuan',
          type: 'number',
          value: '88.00',
          min: '0.01',
          max: '100000',
          step: '0.01',
          required: true,
        }),
      ),
    ),
    field(
      t('customer'),
      h(
        'select',
        { name: 'customer' },
        setting.customers.map(({ code, does }) => option(code, `…${code} ${tOr(`customer.${code}`, does)}`)),
        option('none', t('customerNone')),
      ),
    ),
    faultFields(setting, true),
    h('button', { type: 'submit', class: 'primary wide' }, t('pay')),
  )
}

function faultFields({ faults }: Setting, mayBeNone: boolean) {
  const words = (name: string, does: string) =>
    `${name}: ${language.now === 'zh' ? (faultInChinese(does) ?? does) : does}`
  const usual = USUAL.flatMap((name) => faults.find((fault) => fault.name === name) ?? [])
  const toOption = ({ name, does }: Setting['faults'][number]) => option(name, words(name, does))
  return [
    field(
      t('trouble'),
      h(
        'select',
        { name: 'fault' },
        mayBeNone && option('', t('troubleNone')),
        h('optgroup', { label: t('usual') }, usual.map(toOption)),
        h('optgroup', { label: t('all', { count: faults.length }) }, faults.map(toOption)),
      ),
    ),
    h(
      'div',
      { class: 'pair whereabouts' },
      field(
        t('troubleOn'),
        h(
          'select',
          { name: 'endpoint' },
          option('reverse', t('reverse')),
          option('query', t('query')),
          option('codepay', t('codepay')),
          option('', t('anyCall')),
        ),
      ),
      field(
        t('howOften'),
        h('select', { name: 'times' }, option(1, t('once')), option(3, t('thrice')), option('always', t('always'))),
      ),
    ),
  ]
}

function plans(setting: Setting) {
  const planned = state.parts.plans ?? []
  return foldable(
    t('planned'),
    planned.length === 0
      ? h('p', { class: 'quiet' }, t('plannedNone'))
      : [
          h('ul', { class: 'plans' }, planned.map(planLine)),
          h('form', { 'data-action': 'drop-plans' }, h('button', { type: 'submit' }, t('dropPlans'))),
        ],
    h(
      'details',
      {},
      h('summary', {}, t('forAllOrders')),
      h('form', { 'data-action': 'plan' }, faultFields(setting, false), h('button', { type: 'submit' }, t('plan'))),
    ),
  )
}

function planLine({ fault, endpoint, out_trade_no, left }: Plan) {
  const where = [endpoint ? tOr(endpoint, endpoint) : t('anyCall'), out_trade_no].filter(Boolean).join(' · ')
  const often = left === 'always' ? t('always') : t('left', { count: left })
  return h('li', {}, h('code', {}, fault), h('span', {}, `${where} · ${often}`))
}

function domains() {
  return foldable(
    t('domains'),
    (state.parts.domains ?? []).map(({ host, url, state: how, requests }) =>
      h(
        'form',
        { class: 'domain', 'data-action': 'domain', 'data-on': 'change' },
        hidden({ host }),
        field(
          tOr(host, host),
          h(
            'select',
            { name: 'state', class: how === 'up' ? '' : 'bad' },
            ['up', 'refuse', 'black-hole'].map((one) =>
              h('option', { value: one, selected: one === how }, tOr(one, one)),
            ),
          ),
        ),
        h('span', { class: 'quiet' }, h('code', {}, url), t('requests', { count: requests })),
      ),
    ),
  )
}

const STEPS = [
  [15, 'quarter'],
  [60, 'minute'],
  [3_600, 'hour'],
  [86_400, 'day'],
  [7 * 86_400, 'sevenDays'],
] as const

function clock(canSettle: boolean) {
  const aheadMs = state.parts.clock?.aheadMs ?? 0
  return h(
    'section',
    { class: 'card time', 'aria-labelledby': 'clock' },
    h('h2', { id: 'clock' }, t('clock')),
    h('p', { class: 'now' }, t('clockNow', { time: dateAndTime(nowMs()) })),
    h('p', { class: 'quiet' }, aheadMs === 0 ? t('clockSame') : t('clockAhead', { time: duration(aheadMs) })),
    h(
      'form',
      { 'data-action': 'forward' },
      h(
        'div',
        { class: 'buttons', role: 'group', 'aria-label': t('forward') },
        h('span', { class: 'label' }, t('forward')),
        STEPS.map(([seconds, name]) => h('button', { type: 'submit', name: 'seconds', value: seconds }, t(name))),
      ),
      h('button', { type: 'submit', name: 'tomorrow' }, t('toTomorrow')),
    ),
    canSettle && [
      h('p', { class: 'quiet' }, t('settleHelp')),
      h('form', { 'data-action': 'settle' }, h('button', { type: 'submit' }, t('settle'))),
    ],
  )
}
