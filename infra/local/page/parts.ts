// What the page is told. Types only: the server and the browser share them.

/** The page's whole data: a map of parts by key. The stream sends each part when it has changed, and `null` when it is gone. */
export interface Parts {
  setting: Setting
  clock: Clock
  plans: Plan[]
  domains: { host: string; url: string; state: string; requests: number }[]
  queue: Message[]
  deadLetters: Message[]
  executions: ExecutionPart[]
  events: EventPart[]
  /** How many orders there are: the oldest of very many have no part. */
  orderCount: number
  [order: `order ${string}`]: OrderPart
}

export type PartKey = keyof Parts

export interface Change<Key extends PartKey = PartKey> {
  key: Key
  value: Parts[Key] | null
}

/** What does not change while the page is open. */
export interface Setting {
  /** `sandbox`: WeChat Pay alone, no service. */
  mode: 'stack' | 'sandbox'
  merchants: { mchid: string; appid: string; subMerchants: string[] }[]
  /** By the last two digits of the pay code. */
  customers: { code: string; does: string }[]
  faults: { name: string; does: string; only: string[] | null }[]
  /** What can happen to an order, by its state. */
  transitions: Record<string, string[]>
  /** The actions that exist here: what is not on the list has no button. */
  actions: string[]
}

export interface Clock {
  /** How far the clock of this place is ahead of the machine's. */
  aheadMs: number
}

export interface Plan {
  fault: string
  endpoint: string | null
  out_trade_no: string | null
  left: number | 'always'
}

export interface Message {
  id: string
  mchid: string | null
  out_trade_no: string | null
  /** What is no order is shown as it is. */
  text: string
  received: number
  sentAtMs: number
  state: 'ready' | 'delayed' | 'inflight'
  visibleAtMs: number | null
  error: string | null
  detail: string | null
}

export interface ExecutionPart {
  name: string
  out_trade_no: string | null
  status: string
  /** The state it is in, or ended in. */
  state: string | null
  startedAtMs: number | null
  outcome: string | null
  error: string | null
  cause: string | null
}

export interface EventPart {
  id: string
  atMs: number
  type: string
  out_trade_no: string | null
  outcome: string | null
  detail: string | null
}

export interface OrderPart {
  /** A provider's `sp_mchid` where there is a `sub_mchid`. */
  mchid: string
  sub_mchid: string | null
  out_trade_no: string
  firstAtMs: number
  /** What WeChat Pay's books say; null when it knows no such order. */
  ledger: Ledger | null
  /** The last thing the service said about it. */
  service: Said | null
  /** What the bill of the day said in the end. */
  settled: Said | null
  /** Do the books bear out what the service says? Null while it says nothing final. */
  agrees: boolean | null
  timeline: Entry[]
}

export interface Ledger {
  trade_state: string
  /** In fen. */
  total: number
  charged: { amount: number; count: number }
  refunded: { amount: number; count: number }
  /** What is still to happen by itself. */
  scheduled: { atMs: number; event: string }[]
}

export type Entry = { atMs: number } & (LedgerEntry | AskedEntry | CallEntry | SaidEntry | EventEntry)

/** Something happened in WeChat Pay's books. */
export interface LedgerEntry {
  kind: 'ledger'
  event: string
  trade_state: string
}

/** The page asked the service for a reversal. `answered` is null while nothing has come back, and for a message. */
export interface AskedEntry {
  kind: 'asked'
  way: Way
  if_paid: string
  attempted_at: string
  answered: string | null
}

/** One call to WeChat Pay, and what became of its answer. */
export interface CallEntry {
  kind: 'call'
  endpoint: string
  host: string
  /** The bytes that were signed, without the signature. Pay codes are struck out. */
  signed: { method: string; target: string; timestamp: string; nonce: string; body: string; serial: string }
  /** Why WeChat Pay refused the request; null when its signature and form were good. */
  refused: string | null
  /** Whether WeChat Pay carried out what was asked. */
  acted: boolean
  fault: string | null
  answer: {
    status: number
    /** Its `trade_state`, else its `code`, else its status. */
    said: string
    serial: string | null
    request_id: string | null
    body: string
    /** `lost`: it never arrived whole. */
    check: 'verified' | 'unverified' | 'lost'
    why: string | null
  }
  /** For a reverse: the rows of the decision table that sent it, one leading to the next. */
  rules: Rule[]
}

/** A line that one of the functions wrote about the order. */
export interface SaidEntry extends Said {
  kind: 'said'
}

export interface Said {
  message: string
  level: string
  outcome: string | null
  /** What the bill says of the outcome. */
  settlement: string | null
  reason: string | null
  error: string | null
  detail: string | null
  retryAfterSeconds: number | null
  function: string | null
  /** The row of the decision table that led to it. */
  rules: Rule[]
}

export interface EventEntry {
  kind: 'event'
  type: string
  outcome: string | null
}

/** A row of the decision table, in both languages. */
export interface Rule {
  en: { table: string; when: string; next: string }
  zh: { table: string; when: string; next: string }
  source: string
}

export type Way = 'http' | 'sqs' | 'step'
