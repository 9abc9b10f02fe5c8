import { signedAnswer, unsignedAnswer } from './answer.ts'
import { createNonceLog } from './authorization.ts'
import { type BooksOptions, createBooks, place } from './books.ts'
import type { Reply } from './delivery.ts'
import { type EndpointOptions, endpoint, transaction } from './endpoints.ts'
import { errorResult, ok, type Result } from './error-codes.ts'
import { type ChooseFault, type Chosen, createFaultPlans } from './fault-plans.ts'
import { createKeyRing, type Keys } from './keys.ts'
import { createMerchants, type MerchantChoice, openMerchant } from './merchants.ts'
import type { NewOrder, TradeState } from './order.ts'
import { type Call, checkRequest } from './request.ts'
import type { Endpoint, Host, WireRequest } from './wire.ts'

export type SimulatorOptions = BooksOptions & EndpointOptions

/** The likeliest behaviour of the real one wherever it is unknown. */
export const usualOptions: SimulatorOptions = {
  autoRevokeAfterMs: null,
  reversedPaidState: 'REVOKED',
  reverseWhileUserPaying: 'accept',
  reverseUnknownOrder: 'ok',
  reverseAnswersAppid: true,
  transactionIdAfterReverse: true,
  userPayingAlone: false,
  queryLagMs: 0,
}

export interface CreateSimulator {
  /** The simulator's clock, in ms since 1970; the machine's unless told. */
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
  out_trade_no: string | null
  status: number
  fault: string | null
  /** Was what was asked carried out? */
  effect: boolean
  refused: string | null
}

const logLimit = 10_000

/**
 * WeChat Pay's codepay, query and reverse in one process, without sockets.
 * `handle` costs one RSA verification and one signature; nothing in it waits or reads another clock than `now`.
 */
export function createSimulator({ now = Date.now, keys, options, chooseFault, onRequest }: CreateSimulator = {}) {
  const settings: SimulatorOptions = { ...usualOptions, ...options }
  const books = createBooks(settings)
  const keyRing = createKeyRing(keys)
  const merchants = createMerchants()
  const faultPlans = createFaultPlans(chooseFault)
  const nonces = createNonceLog()
  const log: LogLine[] = []

  const record = (line: LogLine) => {
    if (log.length >= logLimit) log.splice(0, logLimit / 10)
    log.push(line)
    onRequest?.(line)
  }

  const handleCall = (call: Call, at: number): { reply: Reply; effect: boolean; fault: Chosen | null } => {
    const fault = faultPlans.take(call)
    const { result, effect } = endpoint(call, books, at, settings)
    const key = keyRing.forRequest(call.wantsKey)
    const acts = fault?.effect ?? true
    const occasion = {
      call,
      result,
      before: () => beforeLastChange(call, at),
      key,
      keys: keyRing,
      now: at,
      ms: fault?.ms,
      atByte: fault?.atByte,
    }
    const answer = fault ? fault.fault.answer(occasion) : signedAnswer(result, { key, now: at })
    if (acts) effect()
    else if (call.endpoint === 'reverse') {
      books.received({ at, mchid: call.mchid, out_trade_no: call.out_trade_no, did: 'nothing', because: 'fault' })
    }
    const delivery = fault?.fault.delivery?.(answer, occasion) ?? { kind: 'whole', afterMs: 0 }
    return { reply: { ...answer, delivery, fault: fault?.name ?? null }, effect: acts, fault }
  }

  const beforeLastChange = ({ mchid, out_trade_no }: Call, at: number): Result => {
    books.advance(at)
    const version = books.history(mchid, out_trade_no).at(-2)
    return version ? ok(transaction(version, settings)) : errorResult('ORDER_NOT_EXIST')
  }

  /** What WeChat Pay answers to a request, and how it goes over the wire. `at` in ms, the simulator's clock unless told. */
  const handle = (request: WireRequest, at = now()): Reply => {
    const host = request.host ?? 'main'
    const checked = checkRequest(request, merchants, nonces, at)
    if ('refusal' in checked) {
      const { result, reason, signed, wantsKey } = checked.refusal
      const answer = signed
        ? signedAnswer(result, { key: keyRing.forRequest(wantsKey), now: at })
        : unsignedAnswer(result)
      const nobody = { endpoint: null, mchid: null, out_trade_no: null, fault: null, effect: false }
      record({ at, host, ...nobody, status: result.status, refused: reason })
      return { ...answer, delivery: { kind: 'whole', afterMs: 0 }, fault: null }
    }
    const { call } = checked
    const { reply, effect } = handleCall(call, at)
    const { endpoint, mchid, out_trade_no } = call
    record({ at, host, endpoint, mchid, out_trade_no, status: reply.status, fault: reply.fault, effect, refused: null })
    return reply
  }

  return {
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
    /** A whole merchant with its secret; see `openMerchant`. */
    openMerchant: (choice?: MerchantChoice) => openMerchant(merchants, keyRing, choice),
    /** Puts a new order into a state; see `place`. */
    placeOrder: (order: NewOrder, state: TradeState, paid = false) => place(books, order, state, now(), paid),
  }
}

export type Simulator = ReturnType<typeof createSimulator>
