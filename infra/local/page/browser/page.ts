import type { PartKey } from '../parts.ts'
import { tomorrowMorning } from './china.ts'
import { h, morph } from './dom.ts'
import { keepFocus } from './focus.ts'
import { controls } from './forms.ts'
import { orderList } from './orders.ts'
import { stackCards } from './stack.ts'
import { act, follow, freeNumber, nowMs, orders, selectedOrder, state } from './state.ts'
import { STORIES, type Story } from './stories.ts'
import { type Language, language, t, tOr } from './texts.ts'
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
  keepFocus(() => morph(root, h('div', { id: 'page', class: state.connection }, header(), banner(), main(), note())))
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
      mode &&
        state.connection === 'open' &&
        h('time', { class: 'clock' }, t('inChina', { time: dateAndTime(nowMs()) })),
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
  )
}

/** What the last click came to: it is seen and heard wherever one is on the page. */
function note() {
  return h(
    'div',
    { class: 'note', role: 'status' },
    state.note !== null && [
      h('p', { class: state.note.tone }, state.note.text),
      h('button', { type: 'button', 'data-dismiss': true, 'aria-label': t('dismiss') }, '×'),
    ],
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
    rooms(setting.mode),
    // What cannot be done any more cannot be clicked.
    h(
      'fieldset',
      {
        id: 'controls',
        class: 'controls',
        disabled: isOver,
        'aria-label': t('controls'),
        'data-room': true,
        tabindex: -1,
      },
      controls(setting),
    ),
    h(
      'section',
      { id: 'orders', class: 'card orders', 'aria-labelledby': 'orders-heading', 'data-room': true, tabindex: -1 },
      h(
        'h2',
        { id: 'orders-heading' },
        t('orders'),
        orders().length > 0 && h('span', { class: 'count' }, state.parts.orderCount),
      ),
      orderList(),
    ),
    h(
      'fieldset',
      {
        id: 'order',
        class: 'card one',
        disabled: isOver,
        'aria-labelledby': 'order-heading',
        'data-room': true,
        tabindex: -1,
      },
      selected ? orderDetail(selected[1], setting) : welcome(setting),
    ),
    setting.mode === 'stack' &&
      h('div', { id: 'stack', class: 'stack', 'data-room': true, tabindex: -1 }, stackCards()),
  )
}

/** On a narrow screen everything stands in one long column: these lead to its parts. */
const rooms = (mode: 'stack' | 'sandbox') =>
  h(
    'nav',
    { class: 'rooms', 'aria-label': t('rooms') },
    h('a', { href: '#controls' }, t('roomControls')),
    h('a', { href: '#orders' }, t('orders')),
    h('a', { href: '#order' }, t('roomOrder')),
    mode === 'stack' && h('a', { href: '#stack' }, t('roomStack')),
  )

document.addEventListener('click', ({ target }) => {
  const button = (target as Element).closest<HTMLElement>(
    '[data-select], [data-language], [data-story], [data-dismiss]',
  )
  if (!button) return
  const { select, language: wanted, story } = button.dataset
  if (story) return void told(button, () => tell(STORIES[story]!))
  if (wanted) {
    language.now = wanted as Language
    localStorage.setItem('language', wanted)
  } else if (select) state.selected = select as PartKey
  state.note = null
  render()
  if (select) showOrder()
})

/** Whoever does something with the newest order goes on looking at it when a newer one comes. */
document.addEventListener('focusin', ({ target }) => {
  if ((target as Element).closest('#order')) state.selected ??= selectedOrder()?.[0] ?? null
})

/** On a narrow screen the order stands below everything it is chosen or made with. */
function showOrder() {
  if (!matchMedia('(max-width: 760px)').matches) return
  const order = document.getElementById('order')
  order?.scrollIntoView()
  order?.focus({ preventScroll: true })
}

document.addEventListener('change', ({ target }) => {
  const element = target as HTMLSelectElement
  if (element.dataset.scheme !== undefined) {
    scheme = element.value as Scheme
    localStorage.setItem('scheme', scheme)
    render()
  }
  if (element.name === 'fault') chooseCall(element)
  if (element.form?.dataset.on === 'change') element.form.requestSubmit()
})

/** A fault that only some calls can have: one of them. */
function chooseCall({ value, form }: HTMLSelectElement) {
  const only = state.parts.setting?.faults.find(({ name }) => name === value)?.only
  const endpoint = form?.elements.namedItem('endpoint') as HTMLSelectElement | null
  if (only && endpoint && !only.includes(endpoint.value)) endpoint.value = only[0]!
}

/** Among the orders the arrows lead on; Tab leads past them. */
document.addEventListener('keydown', (event) => {
  const item = (event.target as Element).closest('.order')?.parentElement
  const other = {
    ArrowDown: item?.nextElementSibling,
    ArrowUp: item?.previousElementSibling,
    Home: item?.parentElement?.firstElementChild,
    End: item?.parentElement?.lastElementChild,
  }[event.key]
  if (!other) return
  event.preventDefault()
  const order = other.querySelector<HTMLElement>('.order')
  order?.focus()
  state.selected = order?.dataset.select as PartKey
  render()
})

document.addEventListener('submit', (event) => {
  event.preventDefault()
  const form = event.target as HTMLFormElement
  const fields = Object.fromEntries(new FormData(form, event.submitter)) as Record<string, string>
  void told(form, () => perform(form.dataset.action!, fields, form))
})

/** Does what was clicked, once at a time, and notes in a sentence that it was done. */
async function told(clicked: HTMLElement, act: () => Promise<string | undefined>) {
  if (clicked.ariaBusy === 'true') return
  clicked.ariaBusy = 'true'
  state.note = null
  const text = await act()
  clicked.ariaBusy = null
  if (text !== undefined) noteForAWhile(text)
  render()
}

/** Long enough to be read; what went wrong stays until it is closed. */
function noteForAWhile(text: string) {
  const note = { text, tone: 'good' } as const
  state.note = note
  setTimeout(() => {
    if (state.note !== note) return
    state.note = null
    render()
  }, 8_000)
}

/** What was done, in a sentence; undefined when it was not. */
async function perform(action: string, fields: Record<string, string>, form: HTMLFormElement) {
  const number = fields.out_trade_no ?? ''
  switch (action) {
    case 'pay':
      return pay(fields, form)
    case 'plan':
      return (await act('plan', planOf(fields))) && t('done.plan')
    case 'drop-plans':
      return (await act(action, fields)) && t('done.drop-plans')
    case 'reverse': {
      const attempted_seconds_ago = Number(fields.attempted_seconds_ago)
      const way = t(fields.way as 'http')
      return (await act('reverse', { ...fields, attempted_seconds_ago })) && t('done.reverse', { number, way })
    }
    case 'happen': {
      const event = tOr(`event.${fields.event}`, String(fields.event))
      return (await act(action, fields)) && `${number}: ${event}`
    }
    case 'domain':
      return (await act(action, fields)) && `${tOr(fields.host!, '')}: ${tOr(fields.state!, '')}`
    case 'forward':
      return forward(fields)
    default:
      return settle()
  }
}

async function forward({ seconds }: Record<string, string>) {
  const leap = seconds ? Number(seconds) : Math.ceil((tomorrowMorning(nowMs()) - nowMs()) / 1000)
  const time = dateAndTime(nowMs() + leap * 1000)
  return (await act('forward', { seconds: leap })) && t('done.forward', { time })
}

async function settle() {
  const summary = await act<{ received: number; settled: number; waiting: number; failed: number }>('settle', {})
  if (!summary) return undefined
  return summary.received === 0 ? t('done.settleNone') : t('done.settle', { ...summary })
}

const planOf = ({ fault, endpoint, times }: Record<string, string>) => ({
  fault,
  ...(endpoint && { endpoint }),
  times: times === 'always' ? times : Number(times),
})

/** A fault is planned first, for this order alone: it may be meant for the payment itself. */
async function pay(fields: Record<string, string>, form: HTMLFormElement) {
  const { mchid = '', sub_mchid, out_trade_no = '', customer, yuan, fault } = fields
  if (fault && !(await act('plan', { ...planOf(fields), mchid, out_trade_no }))) return undefined
  const total = Math.round(Number(yuan) * 100)
  const isPaid = await act('pay', { mchid, out_trade_no, customer, total, ...(sub_mchid && { sub_mchid }) })
  if (!isPaid) return undefined
  state.selected = `order ${mchid}/${out_trade_no}`
  const input = form.elements.namedItem('out_trade_no') as HTMLInputElement
  input.value = freeNumber(out_trade_no)
  showOrder()
  return t('done.pay', { number: out_trade_no })
}

/** A whole story: its trouble, its payment, and the wish to reverse it. */
async function tell({ title, number, customer, fault, endpoint, way, attempted_seconds_ago = 60 }: Story) {
  const { mchid } = state.parts.setting!.merchants[0]!
  const out_trade_no = freeNumber(`${number}-0`)
  const order = { mchid, out_trade_no }
  const isTold =
    (fault === undefined || (await act('plan', { ...order, fault, endpoint, times: 1 }))) &&
    (await act('pay', { ...order, customer, total: 8800 })) &&
    (await act('reverse', { ...order, way, if_paid: 'refund', attempted_seconds_ago }))
  if (!isTold) return undefined
  state.selected = `order ${mchid}/${out_trade_no}`
  render()
  showOrder()
  return `${t(title)}: ${out_trade_no}`
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
