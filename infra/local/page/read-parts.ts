import type { Json } from '../cloudformation.ts'
import type { QueuedMessage } from '../sqs.ts'
import type { Execution } from '../state-machine.ts'
import { faults } from '../wechatpay/faults.ts'
import { type Order, TRANSITIONS } from '../wechatpay/order.ts'
import { payCodes } from '../wechatpay/pay-codes.ts'
import { actionsOf } from './actions.ts'
import type {
  Entry,
  EventPart,
  ExecutionPart,
  Ledger,
  Message,
  OrderPart,
  PartKey,
  Parts,
  Said,
  Setting,
} from './parts.ts'
import type { Place } from './place.ts'
import { fitToShow } from './private.ts'
import { rulesOfReverse } from './rules.ts'

/** Beyond these the oldest are left out. */
const MOST = { orders: 300, entries: 200, others: 100 }

/** Everything the page shows, as it is now. */
export async function readParts(place: Place): Promise<Map<PartKey, Parts[PartKey]>> {
  const { running, stack } = place
  const parts = new Map<PartKey, Parts[PartKey]>()
  const add = <Key extends PartKey>(key: Key, value: Parts[Key]) => parts.set(key, value)

  add('setting', settingOf(place))
  add('clock', { aheadMs: running.simulator.clock.aheadMs() })
  add(
    'plans',
    running.simulator.faults.list().map(({ fault, endpoint = null, out_trade_no = null, left }) => {
      return { fault, endpoint, out_trade_no, left }
    }),
  )
  add(
    'domains',
    Object.entries(running.domains).map(([host, domain]) => {
      return { host, url: domain.url, state: domain.state(), requests: domain.counts().requests }
    }),
  )
  if (stack) {
    add('queue', (await stack.messages()).map(toMessage))
    add('deadLetters', (await stack.deadLetters()).map(toMessage))
    add('executions', stack.stepFunctions.list().map(toExecution).slice(-MOST.others))
    add('events', stack.events().map(toEvent).slice(-MOST.others))
  }
  const orders = ordersOf(place)
  add('orderCount', orders.length)
  for (const order of orders.slice(-MOST.orders)) add(`order ${order.mchid}/${order.out_trade_no}`, order)
  return parts
}

function settingOf(place: Place): Setting {
  return {
    mode: place.stack ? 'stack' : 'sandbox',
    merchants: place.merchants.map(({ mchid, appid }) => {
      const known = place.running.simulator.merchants.find(mchid)
      return { mchid, appid, subMerchants: [...(known?.subMerchants.keys() ?? [])] }
    }),
    customers: Object.entries(payCodes).map(([code, { does }]) => ({ code, does })),
    faults: Object.entries(faults).map(([name, { does, only }]) => ({ name, does, only: only ?? null })),
    transitions: Object.fromEntries(Object.entries(TRANSITIONS).map(([state, events]) => [state, Object.keys(events)])),
    actions: Object.keys(actionsOf(place)),
  }
}

function ordersOf({ running, calls, lines, asked, stack }: Place): OrderPart[] {
  const { books, now } = running.simulator
  books.advance(now())
  const timelines = new Map<string, { mchid: string; out_trade_no: string; entries: Entry[] }>()
  const timelineOf = ({ mchid, out_trade_no }: { mchid: string; out_trade_no: string }) => {
    const key = `${mchid}/${out_trade_no}`
    const known = timelines.get(key) ?? { mchid, out_trade_no, entries: [] }
    timelines.set(key, known)
    return known.entries
  }

  for (const order of books.orders()) {
    timelineOf(order).push(...books.history(order.mchid, order.out_trade_no).map(toLedgerEntry))
  }
  for (const call of calls) timelineOf(call).push({ atMs: call.atMs, ...call.entry })
  for (const line of lines()) timelineOf(line).push({ atMs: line.atMs, ...line.entry })
  for (const one of asked) {
    const entries = timelineOf(one)
    if (one.entry) entries.push({ atMs: one.atMs, ...one.entry })
  }
  for (const { detailType, detail, time } of stack?.events() ?? []) {
    const mchid = detail.sp_mchid ?? detail.mchid
    if (mchid && detail.out_trade_no) {
      const order = { mchid, out_trade_no: detail.out_trade_no }
      timelineOf(order).push({ atMs: Date.parse(time), kind: 'event', type: detailType, outcome: outcomeIn(detail) })
    }
  }

  return [...timelines.values()]
    .map(({ mchid, out_trade_no, entries }): OrderPart => {
      // Without the service a reverse is another client's, and none of our rules led to it.
      const timeline = inOrder(entries, stack !== undefined)
      const order = books.find(mchid, out_trade_no, now())
      const said = timeline.filter((entry) => entry.kind === 'said')
      const last = (...messages: string[]): Said | null =>
        said.findLast(({ message }) => messages.includes(message)) ?? null
      const service = last('reversal completed', 'reversal failed', 'reversal pending')
      const firstAsked = asked.find((one) => one.mchid === mchid && one.out_trade_no === out_trade_no)
      return {
        mchid,
        sub_mchid: order?.sub_mchid ?? firstAsked?.sub_mchid ?? null,
        out_trade_no,
        firstAtMs: Math.min(
          timeline[0]?.atMs ?? Number.POSITIVE_INFINITY,
          firstAsked?.atMs ?? Number.POSITIVE_INFINITY,
        ),
        ledger: order ? toLedger(order, books.scheduled()) : null,
        service,
        settled: last('reversal settled'),
        agrees: agreementOf(order, service?.outcome),
        timeline: timeline.slice(-MOST.entries),
      }
    })
    .sort((a, b) => a.firstAtMs - b.firstAtMs)
}

/** What happened in the same millisecond: what was asked, then the call, then what it did to the books. */
const KINDS: readonly Entry['kind'][] = ['asked', 'call', 'ledger', 'event', 'said']

function inOrder(entries: Entry[], isOurs: boolean): Entry[] {
  const sorted = entries.sort((a, b) => a.atMs - b.atMs || KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind))
  let before: Entry | undefined
  return sorted.map((entry) => {
    if (entry.kind !== 'call') return entry
    // A reverse right after a reverse is the same one, tried again on the way.
    const isSent = isOurs && entry.endpoint === 'reverse' && !(before?.kind === 'call' && before.endpoint === 'reverse')
    const said = before?.kind === 'call' && before.answer.check === 'verified' ? before.answer.said : null
    before = entry
    return isSent ? { ...entry, rules: rulesOfReverse(said) } : entry
  })
}

const toLedgerEntry = ({ changed_at, changed_by, trade_state }: Order): Entry => ({
  atMs: changed_at,
  kind: 'ledger',
  event: changed_by,
  trade_state,
})

function toLedger(
  { mchid, out_trade_no, trade_state, total, charged, refunded }: Order,
  scheduled: readonly { at: number; mchid: string; out_trade_no: string; event: string }[],
): Ledger {
  return {
    trade_state,
    total,
    charged,
    refunded,
    scheduled: scheduled
      .filter((one) => one.mchid === mchid && one.out_trade_no === out_trade_no)
      .map(({ at, event }) => ({ atMs: at, event })),
  }
}

/** Do the books bear out an outcome? Null while there is none. */
export function agreementOf(
  order: Pick<Order, 'trade_state' | 'charged' | 'refunded'> | undefined,
  outcome: string | null | undefined,
): boolean | null {
  const kept = (order?.charged.amount ?? 0) - (order?.refunded.amount ?? 0)
  switch (outcome) {
    case 'REFUNDED':
      return order !== undefined && order.charged.count > 0 && kept === 0
    case 'REVERSED':
      return order?.trade_state === 'REVOKED' && kept === 0
    case 'CLOSED':
      return order?.trade_state === 'CLOSED' && kept === 0
    case 'KEPT':
      return kept > 0
    case 'NOT_FOUND':
      return order === undefined
    default:
      return null
  }
}

function toMessage({
  messageId,
  body,
  attributes,
  receiveCount,
  sentTimestamp,
  state,
  visibleAt,
}: QueuedMessage): Message {
  const order = orderIn(body)
  return {
    id: messageId,
    mchid: textOrNull(order.sp_mchid ?? order.mchid),
    out_trade_no: textOrNull(order.out_trade_no),
    text: order.out_trade_no === undefined ? fitToShow(body).slice(0, 300) : '',
    received: receiveCount,
    sentAtMs: sentTimestamp,
    state,
    visibleAtMs: visibleAt ?? null,
    error: attributes.error ?? null,
    detail: attributes.detail ?? null,
  }
}

function toExecution({ name, input, status, history, output, error, cause }: Execution): ExecutionPart {
  return {
    name,
    out_trade_no: textOrNull(input?.out_trade_no),
    status,
    state: history.findLast(({ state }) => state !== undefined)?.state?.name ?? null,
    startedAtMs: history[0]?.timestamp ?? null,
    outcome: textOrNull(output?.outcome),
    error: error ?? null,
    cause: cause === undefined ? null : messageIn(cause),
  }
}

function toEvent({
  id,
  time,
  detailType,
  detail,
}: {
  id: string
  time: string
  detailType: string
  detail: Json
}): EventPart {
  return {
    id,
    atMs: Date.parse(time),
    type: detailType,
    out_trade_no: textOrNull(detail.out_trade_no),
    outcome: outcomeIn(detail),
    detail: textOrNull(detail.detail),
  }
}

/** What an event says in one word. */
const outcomeIn = (detail: Json) => textOrNull(detail.settlement ?? detail.outcome ?? detail.error)

const textOrNull = (value: unknown) => (typeof value === 'string' ? value : null)

/** Of an error that a function threw, its message: its stack trace helps nobody here. */
function messageIn(cause: string): string {
  return fitToShow(textOrNull(orderIn(cause).errorMessage) ?? cause)
}

function orderIn(body: string): Json {
  try {
    return JSON.parse(body) ?? {}
  } catch {
    return {}
  }
}
