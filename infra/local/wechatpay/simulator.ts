import { type Answer, signedAnswer, unsignedAnswer } from './answer.ts'
import { createNonceLog, signedAtMs } from './authorization.ts'
import { createBillFiles } from './bill-files.ts'
import { createBooks, place } from './books.ts'
import { createClock } from './clock.ts'
import type { Reply } from './delivery.ts'
import { errorResult, ok, type Result } from './error-codes.ts'
import { type ChooseFault, type Chosen, chosen, createFaultPlans } from './fault-plans.ts'
import { createKeyRing, type Keys } from './keys.ts'
import { createMerchants, type MerchantChoice, openMerchant } from './merchants.ts'
import type { Asked, Endpoint } from './operation.ts'
import { type SimulatorOptions, USUAL_OPTIONS } from './options.ts'
import type { NewOrder, TradeState } from './order.ts'
import { type Call, checkRequest } from './request.ts'
import { transaction } from './transactions.ts'
import type { Host, WireRequest } from './wire.ts'

export interface CreateSimulator {
  /** What time it is, in ms since 1970, before the simulator's clock is set forward; the machine's time unless told. */
  now?: () => number
  /** Pairs to sign with; those the process shares unless told. */
  keys?: Keys
  options?: Partial<SimulatorOptions>
  /** Picks a fault for a call, before any plan is looked at. */
  chooseFault?: ChooseFault
  /** Told of every request once it is handled. */
  onRequest?: (line: LogLine) => void
}

/** One request as people want to read it afterwards. `refused` is why a check failed; such a request did nothing. */
export interface LogLine {
  at: number
  host: Host
  endpoint: Endpoint | null
  mchid: string | null
  /** Null for a direct merchant's call. */
  sub_mchid: string | null
  out_trade_no: string | null
  status: number
  fault: string | null
  /** Was what was asked carried out? */
  effect: boolean
  refused: string | null
}

const LOG_LIMIT = 10_000

/**
 * WeChat Pay's payments in one process, without sockets: everything in the table of operations.
 * `handle` costs one RSA verification and one signature; nothing in it waits or reads another clock than `now`.
 */
export function createSimulator({ now: machine, keys, options, chooseFault, onRequest }: CreateSimulator = {}) {
  const clock = createClock(machine)
  const { now } = clock
  const settings: SimulatorOptions = { ...USUAL_OPTIONS, ...options }
  const books = createBooks(settings)
  const files = createBillFiles()
  const keyRing = createKeyRing(keys)
  const merchants = createMerchants()
  const faultPlans = createFaultPlans(chooseFault)
  const nonces = createNonceLog()
  const log: LogLine[] = []

  const record = (line: LogLine) => {
    if (log.length >= LOG_LIMIT) log.splice(0, LOG_LIMIT / 10)
    log.push(line)
    onRequest?.(line)
  }

  /** The time to sign an answer with. A client that lives by the machine's clock, not by ours, is answered by its own. */
  const signingTime = (request: WireRequest, at: number) => {
    const machineAt = at - clock.aheadMs()
    const signedAt = signedAtMs(request) ?? at
    return Math.abs(signedAt - machineAt) < Math.abs(signedAt - at) ? machineAt : at
  }

  /** Says when it was sent, as whoever asked counts; without a leap, Node says it. */
  const dated = <T extends Answer>(answer: T, at: number): T =>
    clock.aheadMs() === 0
      ? answer
      : { ...answer, headers: [...answer.headers, ['Date', new Date(at).toUTCString()] as const] }

  const handleCall = (
    call: Call,
    handleAsked: Asked['handle'],
    { at, signedAt, origin }: { at: number; signedAt: number; origin: string },
  ): { reply: Reply; effect: boolean; fault: Chosen | null } => {
    const {
      result,
      effect,
      fault: usual,
    } = handleAsked({ books, files, keys: keyRing, now: at, options: settings, origin })
    const fault = faultPlans.take(call) ?? (usual === undefined ? null : chosen({ fault: usual }))
    const key = keyRing.forRequest(call.wantsKey)
    const acts = fault?.effect ?? true
    const occasion = {
      call,
      result,
      before: () => beforeLastChange(call, at),
      key,
      keys: keyRing,
      now: signedAt,
      ms: fault?.ms,
      atByte: fault?.atByte,
    }
    const answer = fault ? fault.fault.answer(occasion) : signedAnswer(result, { key, now: signedAt })
    if (acts) effect()
    else if (call.endpoint === 'reverse' && call.out_trade_no !== null) {
      books.received({ at, mchid: call.mchid, out_trade_no: call.out_trade_no, did: 'nothing', because: 'fault' })
    }
    const delivery = fault?.fault.delivery?.(answer, occasion) ?? { kind: 'whole', afterMs: 0 }
    return { reply: { ...dated(answer, signedAt), delivery, fault: fault?.name ?? null }, effect: acts, fault }
  }

  const beforeLastChange = ({ mchid, out_trade_no }: Call, at: number): Result => {
    books.advance(at)
    const version = out_trade_no === null ? undefined : books.history(mchid, out_trade_no).at(-2)
    return version ? ok(transaction(version, settings)) : errorResult('ORDER_NOT_EXIST')
  }

  /** What WeChat Pay answers to a request, and how it goes over the wire. `at` in ms, the simulator's clock unless told. */
  const handle = (request: WireRequest, at = now()): Reply => {
    const host = request.host ?? 'main'
    const signedAt = signingTime(request, at)
    const checked = checkRequest(request, merchants, nonces, signedAt)
    if ('refusal' in checked) {
      const { result, reason, signed, wantsKey } = checked.refusal
      const answer = signed
        ? signedAnswer(result, { key: keyRing.forRequest(wantsKey), now: signedAt })
        : unsignedAnswer(result)
      const nobody = { endpoint: null, mchid: null, sub_mchid: null, out_trade_no: null, fault: null, effect: false }
      record({ at, host, ...nobody, status: result.status, refused: reason })
      return { ...dated(answer, signedAt), delivery: { kind: 'whole', afterMs: 0 }, fault: null }
    }
    const { call } = checked
    const origin = request.origin ?? 'https://api.mch.weixin.qq.com'
    const { reply, effect } = handleCall(call, checked.handle, { at, signedAt, origin })
    const { endpoint, mchid, sub_mchid, out_trade_no } = call
    record({
      at,
      host,
      endpoint,
      mchid,
      sub_mchid,
      out_trade_no,
      status: reply.status,
      fault: reply.fault,
      effect,
      refused: null,
    })
    return reply
  }

  return {
    clock,
    now,
    handle,
    books,
    keys: keyRing,
    merchants,
    faults: faultPlans,
    /** May be changed while running. */
    options: settings,
    /** The last requests, oldest first. */
    log: (): readonly LogLine[] => log,
    /** The requests that failed a check. */
    refusals: () => log.filter(({ refused }) => refused !== null),
    addMerchant: merchants.add,
    addSubMerchant: merchants.relate,
    /** A whole merchant with its secret; see `openMerchant`. */
    openMerchant: (choice?: MerchantChoice) => openMerchant(merchants, keyRing, choice),
    /** Puts a new order into a state; see `place`. */
    placeOrder: (order: NewOrder, state: TradeState, paid = false) => place(books, order, state, now(), paid),
  }
}

export type Simulator = ReturnType<typeof createSimulator>
