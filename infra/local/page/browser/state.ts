import type { Change, OrderPart, PartKey, Parts } from '../parts.ts'
import { t, tOr } from './texts.ts'

/** `ended`: the place was closed, and nothing will come back under this address. */
export type Connection = 'connecting' | 'open' | 'lost' | 'ended'

export interface State {
  connection: Connection
  parts: Partial<Parts>
  /** The key of the order that is looked at. */
  selected: PartKey | null
  /** What the last click came to. */
  note: { text: string; tone: 'good' | 'bad' } | null
}

export const state: State = { connection: 'connecting', parts: {}, selected: null, note: null }

/** Newest first. */
export function orders(): (readonly [key: PartKey, order: OrderPart])[] {
  return Object.entries(state.parts)
    .filter(([key]) => key.startsWith('order '))
    .map(([key, value]) => [key as PartKey, value as OrderPart] as const)
    .sort(([, a], [, b]) => b.firstAtMs - a.firstAtMs)
}

/** The order that is looked at: the one chosen, else the newest. */
export function selectedOrder(): readonly [key: PartKey, order: OrderPart] | undefined {
  const all = orders()
  return all.find(([key]) => key === state.selected) ?? all[0]
}

/** A number no order has yet, counted on from this one: order-2 after order-1. */
export function freeNumber(from: string): string {
  const [, start = '', digits = ''] = /^(.*?)(\d*)$/.exec(from) ?? []
  const taken = new Set(orders().map(([, { out_trade_no }]) => out_trade_no))
  let count = Number(digits)
  while (taken.has(`${start}${count}`) || `${start}${count}` === from) count++
  return `${start}${count}`
}

/** What time it is at this place, in ms. */
export function nowMs(): number {
  return Date.now() + (state.parts.clock?.aheadMs ?? 0)
}

/** Follows the stream for as long as the page is open. `onChange` hears that something is new. */
export function follow(onChange: () => void) {
  const source = new EventSource('stream')
  let isFresh = false
  source.onopen = () => {
    isFresh = true
  }
  source.onmessage = ({ data }) => {
    // After a lost connection everything comes again; what is not among it is gone.
    if (isFresh) state.parts = {}
    isFresh = false
    const { key, value } = JSON.parse(data) as Change
    if (value === null) delete state.parts[key]
    else Object.assign(state.parts, { [key]: value })
    if (state.connection === 'open') onChange()
  }
  source.addEventListener('ready', () => {
    state.connection = 'open'
    onChange()
  })
  source.addEventListener('ended', () => {
    source.close()
    state.connection = 'ended'
    onChange()
  })
  source.onerror = () => {
    // A server that says no is not asked again: the token is another's.
    state.connection = source.readyState === EventSource.CLOSED ? 'ended' : 'lost'
    onChange()
  }
}

const troubleOf = ({ name, error }: { name?: string; error: string }) => tOr(`refusal.${name}`, error)

/** Asks for what a click means. Its answer where it was done; undefined where it was not, and why is noted. */
export async function act<T = object>(name: string, body: unknown): Promise<T | undefined> {
  try {
    const answer = await fetch(`actions/${name}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    const told = await answer.json()
    if (answer.ok) return told as T
    state.note = { text: troubleOf(told as { name?: string; error: string }), tone: 'bad' }
  } catch {
    // Nothing came back, or nothing that can be read.
    state.note = { text: t('unheard'), tone: 'bad' }
  }
  return undefined
}
