import type { ServerResponse } from 'node:http'
import * as v from 'valibot'
import { faultPlanSchema } from './fault-plans.ts'
import { faults } from './faults.ts'
import { createSigningKey } from './keys.ts'
import { transitions } from './order.ts'
import { payCodes } from './pay-codes.ts'
import type { RunningSimulator } from './server.ts'
import type { usualOptions } from './simulator.ts'
import type { Host } from './wire.ts'

interface ControlRequest {
  method: string
  target: string
  body: Buffer
}

interface Asked {
  running: RunningSimulator
  /** The path's parameters, decoded, in order. */
  path: string[]
  query: URLSearchParams
  body: unknown
}

/** A mistake of whoever asked: answered with its status and words. */
class Mistake extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const tradeState = v.picklist(['NOTPAY', 'USERPAYING', 'SUCCESS', 'PAYERROR', 'REVOKED', 'CLOSED', 'REFUND'])
const orderEvent = v.picklist(['prompt', 'leave', 'pay', 'fail', 'charge', 'reverse', 'expire', 'close', 'refund'])

const orderBody = v.strictObject({
  state: tradeState,
  appid: v.optional(v.string()),
  total: v.optional(v.number()),
  description: v.optional(v.string()),
  paid: v.optional(v.boolean(), false),
  faults: v.optional(v.array(v.omit(faultPlanSchema, ['mchid', 'out_trade_no'])), []),
})
const eventBody = v.strictObject({ after_ms: v.optional(v.number(), 0), amount: v.optional(v.number()) })
const merchantBody = v.strictObject({
  mchid: v.string(),
  appid: v.string(),
  certificate_serial_no: v.string(),
  public_key: v.string(),
})
const optionsBody = v.partial(
  v.strictObject({
    autoRevokeAfterMs: v.nullable(v.number()),
    reversedPaidState: v.picklist(['REVOKED', 'REFUND']),
    reverseWhileUserPaying: v.picklist(['accept', 'USERPAYING', 'USER_PAYING']),
    reverseUnknownOrder: v.picklist(['ok', 'ORDER_NOT_EXIST']),
    reverseAnswersAppid: v.boolean(),
    transactionIdAfterReverse: v.boolean(),
    userPayingAlone: v.boolean(),
    queryLagMs: v.number(),
  }) satisfies v.GenericSchema<unknown, typeof usualOptions>,
)
const rotateBody = v.strictObject({
  kind: v.picklist(['public key', 'platform certificate']),
  id: v.optional(v.string()),
})
const answerWithBody = v.strictObject({ id: v.nullable(v.string()) })
const domainBody = v.strictObject({ state: v.picklist(['up', 'refuse', 'black-hole']) })

function read<T>(schema: v.GenericSchema<unknown, T>, body: unknown): T {
  const result = v.safeParse(schema, body)
  if (result.success) return result.output
  const [issue] = result.issues
  throw new Mistake(400, `${v.getDotPath(issue) ?? 'body'}: ${issue.message}`)
}

const keysAsJson = ({ simulator: { keys } }: RunningSimulator) => {
  const { publicKey, platformCertificate } = keys.current()
  return {
    current: { public_key: publicKey.id, platform_certificate: platformCertificate.id },
    keys: keys.list().map(({ id, kind, pem }) => ({ id, kind, pem })),
  }
}

interface Route {
  method: string
  /** `:name` stands for one part of the path. */
  path: string
  does: string
  answer: (asked: Asked) => unknown
}

/** The whole control API: `GET /simulator` lists it. Bodies and answers are JSON; times are ms, money is fen. */
const routes: Route[] = [
  {
    method: 'GET',
    path: '/simulator',
    does: 'this list',
    answer: () => routes.map(({ method, path, does }) => ({ method, path, does })),
  },
  {
    method: 'GET',
    path: '/simulator/books',
    does: 'every order with its money, every reverse received, what is scheduled (?mchid=&out_trade_no= picks)',
    answer: ({ running: { simulator }, query }) => {
      const { books } = simulator
      books.advance(simulator.now())
      const isPicked = (entry: { mchid: string; out_trade_no: string }) =>
        ['mchid', 'out_trade_no'].every(
          (name) => !query.has(name) || query.get(name) === entry[name as 'mchid' | 'out_trade_no'],
        )
      return {
        orders: books.orders().filter(isPicked),
        reverses: books.reverses().filter(isPicked),
        scheduled: books.scheduled().filter(isPicked),
      }
    },
  },
  {
    method: 'PUT',
    path: '/simulator/orders/:mchid/:out_trade_no',
    does: 'a new order: {state, appid?, total?, description?, paid?, faults?: [plans for this order alone]}',
    answer: ({ running: { simulator }, path: [mchid = '', out_trade_no = ''], body }) => {
      const { state, paid, faults: plans, appid, total, description } = read(orderBody, body)
      const merchant = simulator.merchants.find(mchid)
      if (!merchant) throw new Mistake(404, `no merchant ${mchid}`)
      if (simulator.books.find(mchid, out_trade_no, simulator.now())) {
        throw new Mistake(409, `order ${out_trade_no} exists already`)
      }
      const placed = simulator.placeOrder(
        {
          mchid,
          out_trade_no,
          appid: appid ?? merchant.appids[0]!,
          ...(total === undefined ? {} : { total }),
          ...(description === undefined ? {} : { description }),
        },
        state,
        paid,
      )
      for (const plan of plans) simulator.faults.add({ ...plan, mchid, out_trade_no })
      return placed
    },
  },
  {
    method: 'GET',
    path: '/simulator/orders/:mchid/:out_trade_no',
    does: 'every version of an order, oldest first',
    answer: ({ running: { simulator }, path: [mchid = '', out_trade_no = ''] }) => {
      simulator.books.advance(simulator.now())
      return simulator.books.history(mchid, out_trade_no)
    },
  },
  {
    method: 'POST',
    path: '/simulator/orders/:mchid/:out_trade_no/:event',
    does: 'prompt, leave, pay, fail, charge, reverse, expire, close or refund happens: {after_ms?, amount?}',
    answer: ({ running: { simulator }, path: [mchid = '', out_trade_no = '', name], body }) => {
      const event = read(orderEvent, name)
      const { after_ms, amount } = read(eventBody, body)
      const { books } = simulator
      const order = books.find(mchid, out_trade_no, simulator.now())
      if (!order) throw new Mistake(404, `no order ${out_trade_no} of ${mchid}`)
      if (after_ms > 0) {
        books.schedule(simulator.now() + after_ms, mchid, out_trade_no, event)
        return order
      }
      const changed = books.happen(mchid, out_trade_no, event, simulator.now(), amount === undefined ? {} : { amount })
      if (!changed) throw new Mistake(409, `${event} cannot happen to an order in ${order.trade_state}`)
      return changed
    },
  },
  {
    method: 'GET',
    path: '/simulator/faults',
    does: 'the table of faults',
    answer: () =>
      Object.entries(faults).map(([fault, { does, effect, arrives, verifies, about, only }]) => ({
        fault,
        does,
        effect,
        arrives,
        verifies,
        about,
        only,
      })),
  },
  {
    method: 'GET',
    path: '/simulator/plans',
    does: 'the fault plans still to be used',
    answer: ({ running }) => running.simulator.faults.list(),
  },
  {
    method: 'POST',
    path: '/simulator/plans',
    does: 'plans a fault: {fault, endpoint?, mchid?, out_trade_no?, host?, times?, after?, probability?, seed?, effect?, ms?, at_byte?}',
    answer: ({ running, body }) => running.simulator.faults.add(read(faultPlanSchema, body)),
  },
  {
    method: 'DELETE',
    path: '/simulator/plans',
    does: 'drops every fault plan',
    answer: ({ running }) => {
      running.simulator.faults.clear()
      return []
    },
  },
  {
    method: 'GET',
    path: '/simulator/keys',
    does: 'the keys answers are signed with, public halves',
    answer: ({ running }) => keysAsJson(running),
  },
  {
    method: 'POST',
    path: '/simulator/keys',
    does: 'a new current key: {kind: "public key" | "platform certificate", id?}',
    answer: ({ running, body }) => {
      const { kind, id } = read(rotateBody, body)
      running.simulator.keys.rotate(createSigningKey(kind, id === undefined ? {} : { id }))
      return keysAsJson(running)
    },
  },
  {
    method: 'PUT',
    path: '/simulator/keys/answer-with',
    does: 'signs every answer with one key, whatever is asked for: {id}; null: as asked again',
    answer: ({ running, body }) => {
      running.simulator.keys.answerWith(read(answerWithBody, body).id)
      return keysAsJson(running)
    },
  },
  {
    method: 'DELETE',
    path: '/simulator/keys/:id',
    does: 'retires a key: requests that name it get the platform certificate',
    answer: ({ running, path: [id = ''] }) => {
      running.simulator.keys.retire(id)
      return keysAsJson(running)
    },
  },
  {
    method: 'POST',
    path: '/simulator/merchants',
    does: 'a merchant, or a further certificate or appid of one: {mchid, appid, certificate_serial_no, public_key}',
    answer: ({ running, body }) => {
      const { mchid, appids, certificates } = running.simulator.addMerchant(read(merchantBody, body))
      return { mchid, appids, certificates: [...certificates.keys()] }
    },
  },
  {
    method: 'DELETE',
    path: '/simulator/merchants/:mchid/certificates/:serial',
    does: 'a merchant certificate was replaced: requests signed with it are refused',
    answer: ({ running, path: [mchid = '', serial = ''] }) => {
      running.simulator.merchants.revokeCertificate(mchid, serial)
      return {}
    },
  },
  {
    method: 'GET',
    path: '/simulator/options',
    does: 'how it behaves where the real one is unknown',
    answer: ({ running }) => running.simulator.options,
  },
  {
    method: 'PATCH',
    path: '/simulator/options',
    does: 'changes some of them',
    answer: ({ running, body }) => Object.assign(running.simulator.options, read(optionsBody, body)),
  },
  {
    method: 'PUT',
    path: '/simulator/domains/:host',
    does: 'takes main or backup down, or brings it back: {state: "up" | "refuse" | "black-hole"}',
    answer: async ({ running, path: [host = ''], body }) => {
      const domain = running.domains[read(v.picklist(['main', 'backup']), host) as Host]
      const { state } = read(domainBody, body)
      await domain.set(state)
      return { state: domain.state() }
    },
  },
  {
    method: 'GET',
    path: '/simulator/domains',
    does: 'both domains, with the connections and requests they saw',
    answer: ({ running: { domains } }) =>
      Object.entries(domains).map(([host, domain]) => ({
        host,
        url: domain.url,
        state: domain.state(),
        ...domain.counts(),
      })),
  },
  {
    method: 'GET',
    path: '/simulator/log',
    does: 'the last 10,000 requests (?refused picks those that failed a check)',
    answer: ({ running: { simulator }, query }) => (query.has('refused') ? simulator.refusals() : simulator.log()),
  },
  {
    method: 'GET',
    path: '/simulator/pay-codes',
    does: 'the customers behind the last two digits of an auth_code, and what can happen to an order',
    answer: () => ({ pay_codes: payCodes, transitions }),
  },
]

function match({ method, path }: Route, request: ControlRequest, parts: string[]): string[] | null {
  const wanted = path.split('/')
  if (method !== request.method || wanted.length !== parts.length) return null
  const isSame = wanted.every((part, index) => part.startsWith(':') || part === parts[index])
  return isSame ? parts.filter((_, index) => wanted[index]!.startsWith(':')) : null
}

async function answer(running: RunningSimulator, request: ControlRequest): Promise<unknown> {
  const [pathname = '', search = ''] = request.target.split('?')
  const parts = pathname.replace(/\/$/, '').split('/').map(decodeURIComponent)
  for (const route of routes) {
    const path = match(route, request, parts)
    if (!path) continue
    const body: unknown = request.body.length > 0 ? JSON.parse(request.body.toString()) : {}
    return route.answer({ running, path, query: new URLSearchParams(search), body })
  }
  throw new Mistake(404, `no ${request.method} ${pathname}: GET /simulator lists what there is`)
}

/** Answers one request to the control API. It never ends the connection but with an answer. */
export async function answerControl(running: RunningSimulator, request: ControlRequest, response: ServerResponse) {
  let status = 200
  const body = await answer(running, request).catch((error: Error) => {
    status = error instanceof Mistake ? error.status : 400
    return { error: error.message }
  })
  response
    .writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' })
    .end(`${JSON.stringify(body, null, 2)}\n`)
}
