import type { PartKey } from '../parts.ts'
import { h, morph } from './dom.ts'
import { controls } from './forms.ts'
import { orderList } from './orders.ts'
import { stackCards } from './stack.ts'
import { act, follow, freeNumber, nowMs, orders, selectedOrder, state } from './state.ts'
import { STORIES, type Story } from './stories.ts'
import { type Language, language, t } from './texts.ts'
import { orderDetail } from './timeline.ts'
import { welcome } from './welcome.ts'
import { dateAndTime } from './wording.ts'

const root = document.getElementById('page')!

const SCHEMES = ['auto', 'light', 'dark'] as const
type Scheme = (typeof SCHEMES)[number]

const kept = (name: string) => localStorage.getItem(name)
language.now = (kept('language') ?? (navigator.language.startsWith('zh') ? 'zh' : 'en')) as Language
let scheme = (kept('scheme') ?? 'auto') as Scheme

function render() {
  document.documentElement.lang = language.now === 'zh' ? 'zh-CN' : 'en'
  document.documentElement.dataset.scheme = scheme
  document.title = t('title')
  morph(root, h('div', { id: 'page', class: state.connection }, header(), banner(), main()))
}

function header() {
  const mode = state.parts.setting?.mode
  return h(
    'header',
    {},
    h('a', { class: 'skip', href: '#orders' }, t('skip')),
    h('img', { src: 'icon.svg', alt: '', width: 32, height: 32 }),
    h('div', { class: 'name' }, h('h1', {}, t('title')), h('p', { class: 'subtitle' }, mode ? t(mode) : '')),
    h('p', { class: 'harmless' }, t('harmless')),
    h(
      'div',
      { class: 'tools' },
      mode && state.connection === 'open' && h('time', { class: 'clock' }, dateAndTime(nowMs())),
      h('span', { class: `connection ${state.connection}`, role: 'status' }, t(state.connection)),
      h(
        'button',
        {
          type: 'button',
          'data-language': language.now === 'en' ? 'zh' : 'en',
          lang: language.now === 'en' ? 'zh-CN' : 'en',
        },
        t('language'),
      ),
      h(
        'select',
        { 'data-scheme': true, 'aria-label': t('scheme') },
        SCHEMES.map((one) =>
          h('option', { value: one, selected: one === scheme }, `${SYMBOLS[one]} ${schemeName(one)}`),
        ),
      ),
    ),
  )
}

const SYMBOLS = { auto: '◐', light: '○', dark: '●' }
const schemeName = (one: Scheme) => t(({ auto: 'schemeAuto', light: 'schemeLight', dark: 'schemeDark' } as const)[one])

/** What is wrong, where something is. */
function banner() {
  return h(
    'div',
    { class: 'banners', 'aria-live': 'polite' },
    state.connection === 'lost' && h('p', { class: 'banner wait' }, t('lostHelp')),
    state.connection === 'ended' && h('p', { class: 'banner bad' }, t('endedHelp'), ' ', h('code', {}, startCommand())),
    state.connection === 'open' && state.trouble !== null && h('p', { class: 'banner bad' }, state.trouble),
  )
}

const startCommand = () => (state.parts.setting?.mode === 'sandbox' ? 'npm run sandbox' : 'npm start')

function main() {
  const { setting } = state.parts
  if (!setting)
    return h('main', { class: 'waiting' }, h('p', {}, state.connection === 'connecting' ? t('connecting') : ''))
  const selected = selectedOrder()
  const isOver = state.connection !== 'open'
  return h(
    'main',
    {},
    // What cannot be done any more cannot be clicked.
    h('fieldset', { class: 'controls', disabled: isOver }, controls(setting)),
    h(
      'section',
      { id: 'orders', class: 'card orders', 'aria-labelledby': 'orders-heading', tabindex: -1 },
      h(
        'h2',
        { id: 'orders-heading' },
        t('orders'),
        orders().length > 0 && h('span', { class: 'count' }, orders().length),
      ),
      orderList(),
    ),
    h(
      'fieldset',
      { id: 'order', class: 'card one', disabled: isOver, tabindex: -1 },
      selected ? orderDetail(selected[1], setting) : welcome(setting),
    ),
    setting.mode === 'stack' && h('div', { class: 'stack' }, stackCards()),
  )
}

document.addEventListener('click', ({ target }) => {
  const button = (target as Element).closest<HTMLElement>('[data-select], [data-language], [data-story]')
  if (!button) return
  const { select, language: wanted, story } = button.dataset
  if (story) return void tell(STORIES[story]!)
  if (wanted) {
    language.now = wanted as Language
    localStorage.setItem('language', wanted)
  } else {
    state.selected = select as PartKey
    state.trouble = null
  }
  render()
  if (select) showOrder()
})

/** On a narrow screen the order stands below everything it is chosen or made with. */
function showOrder() {
  if (matchMedia('(max-width: 760px)').matches) document.getElementById('order')?.scrollIntoView()
}

document.addEventListener('change', ({ target }) => {
  const element = target as HTMLSelectElement
  if (element.dataset.scheme !== undefined) {
    scheme = element.value as Scheme
    localStorage.setItem('scheme', scheme)
    render()
  }
  if (element.form?.dataset.on === 'change') element.form.requestSubmit()
})

document.addEventListener('keydown', (event) => {
  const order = (event.target as Element).closest('.order')
  const step = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' }[event.key]
  if (!order || !step) return
  event.preventDefault()
  const other = order.parentElement?.[step as 'nextElementSibling']?.querySelector<HTMLElement>('.order')
  other?.focus()
  other?.click()
})

document.addEventListener('submit', async (event) => {
  event.preventDefault()
  const form = event.target as HTMLFormElement
  const fields = Object.fromEntries(new FormData(form, event.submitter)) as Record<string, string>
  await perform(form.dataset.action!, fields, form)
  render()
})

async function perform(action: string, fields: Record<string, string>, form: HTMLFormElement) {
  if (action === 'pay') return pay(fields, form)
  if (action === 'plan') return act('plan', planOf(fields))
  if (action === 'reverse')
    return act('reverse', { ...fields, attempted_seconds_ago: Number(fields.attempted_seconds_ago) })
  if (action === 'forward') return act('forward', { seconds: Number(fields.seconds) })
  return act(action, fields)
}

const planOf = ({ fault, endpoint, times }: Record<string, string>) => ({
  fault,
  ...(endpoint && { endpoint }),
  times: times === 'always' ? times : Number(times),
})

/** A fault is planned first, for this order alone: it may be meant for the payment itself. */
async function pay(fields: Record<string, string>, form: HTMLFormElement) {
  const { mchid = '', sub_mchid, out_trade_no = '', customer, yuan, fault } = fields
  if (fault && !(await act('plan', { ...planOf(fields), mchid, out_trade_no }))) return
  const isPaid = await act('pay', {
    mchid,
    out_trade_no,
    customer,
    total: Math.round(Number(yuan) * 100),
    ...(sub_mchid && { sub_mchid }),
  })
  if (!isPaid) return
  state.selected = `order ${mchid}/${out_trade_no}`
  const input = form.elements.namedItem('out_trade_no') as HTMLInputElement
  input.value = freeNumber(out_trade_no)
  showOrder()
}

/** A whole story: its trouble, its payment, and the wish to reverse it. */
async function tell({ number, customer, fault, endpoint, way, attempted_seconds_ago }: Story) {
  const { mchid } = state.parts.setting!.merchants[0]!
  const out_trade_no = freeNumber(`${number}-0`)
  const order = { mchid, out_trade_no }
  const isTold =
    (fault === undefined || (await act('plan', { ...order, fault, endpoint, times: 1 }))) &&
    (await act('pay', { ...order, customer, total: 8800 })) &&
    (await act('reverse', { ...order, way, if_paid: 'refund', attempted_seconds_ago: attempted_seconds_ago ?? 60 }))
  if (isTold) state.selected = `order ${mchid}/${out_trade_no}`
  render()
  if (isTold) showOrder()
}

let isDrawing = false
/** Many changes arrive together: they are drawn once. */
function renderSoon() {
  if (isDrawing) return
  isDrawing = true
  requestAnimationFrame(() => {
    isDrawing = false
    render()
  })
}

render()
follow(renderSoon)
// Clocks and waits go on while nothing is told.
setInterval(render, 1000)
