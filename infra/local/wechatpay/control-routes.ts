import {
  answerWithBody,
  clockBody,
  domainBody,
  eventBody,
  hostName,
  Mistake,
  merchantBody,
  optionsBody,
  orderBody,
  orderEvent,
  read,
  rotateBody,
  subMerchantBody,
} from './control-bodies.ts'
import { faultPlanSchema } from './fault-plans.ts'
import { faults } from './faults.ts'
import { createSigningKey } from './keys.ts'
import { TRANSITIONS } from './order.ts'
import { payCodes } from './pay-codes.ts'
import type { RunningSimulator } from './running.ts'

interface Asked {
  running: RunningSimulator
  /** The path's parameters, decoded, in order. */
  path: string[]
  query: URLSearchParams
  body: unknown
}

const clockAsJson = ({ simulator: { clock } }: RunningSimulator) => ({
  now: new Date(clock.now()).toISOString(),
  ahead_seconds: clock.aheadMs() / 1000,
})

function keysAsJson({ simulator: { keys } }: RunningSimulator) {
  const { publicKey, platformCertificate } = keys.current()
  return {
    current: { public_key: publicKey.id, platform_certificate: platformCertificate.id },
    keys: keys.list().map(({ id, kind, pem }) => ({ id, kind, pem })),
  }
}

export interface Route {
  method: string
  path: string
  does: string
  answer: (asked: Asked) => unknown
}

/** In `path`, `:name` stands for one part. */
const route = (method: string, path: string, does: string, answer: Route['answer']): Route => ({
  method,
  path,
  does,
  answer,
})

/** The whole control API: `GET /simulator` lists it. Bodies and answers are JSON; times are ms, money is fen. */
export const routes: Route[] = [
  route('GET', '/simulator', 'this list', () => routes.map(({ method, path, does }) => ({ method, path, does }))),
  route(
    'GET',
    '/simulator/books',
    'every order with its money, every reverse received, what is scheduled (?mchid=&out_trade_no= picks)',
    ({ running: { simulator }, query }) => {
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
  ),
  route(
    'PUT',
    '/simulator/orders/:mchid/:out_trade_no',
    'a new order: {state, appid?, sub_mchid?, sub_appid?, total?, trade_type?, description?, paid?, faults?: [plans for this order alone]}',
    ({ running: { simulator }, path: [mchid = '', out_trade_no = ''], body }) => {
      const { state, paid, faults: plans, appid, ...rest } = read(orderBody, body)
      const merchant = simulator.merchants.find(mchid)
      if (!merchant) throw new Mistake(404, `no merchant ${mchid}`)
      if (rest.sub_mchid !== undefined && !merchant.subMerchants.has(rest.sub_mchid)) {
        throw new Mistake(404, `${mchid} has no sub-merchant ${rest.sub_mchid}`)
      }
      if (simulator.books.find(mchid, out_trade_no, simulator.now())) {
        throw new Mistake(409, `order ${out_trade_no} exists already`)
      }
      const order = { ...rest, mchid, out_trade_no, appid: appid ?? merchant.appids[0]! }
      const placed = simulator.placeOrder(order, state, paid)
      for (const plan of plans) simulator.faults.add({ ...plan, mchid, out_trade_no })
      return placed
    },
  ),
  route(
    'GET',
    '/simulator/orders/:mchid/:out_trade_no',
    'every version of an order, oldest first',
    ({ running: { simulator }, path: [mchid = '', out_trade_no = ''] }) => {
      simulator.books.advance(simulator.now())
      return simulator.books.history(mchid, out_trade_no)
    },
  ),
  route(
    'POST',
    '/simulator/orders/:mchid/:out_trade_no/:event',
    'prompt, leave, pay, fail, charge, reverse, expire, close or refund happens: {after_ms?; of a refund amount?, out_refund_no?}',
    ({ running: { simulator }, path: [mchid = '', out_trade_no = '', name], body }) => {
      const event = read(orderEvent, name)
      const { after_ms, ...detail } = read(eventBody, body)
      const { books } = simulator
      const order = books.find(mchid, out_trade_no, simulator.now())
      if (!order) throw new Mistake(404, `no order ${out_trade_no} of ${mchid}`)
      if (after_ms > 0) {
        books.schedule(simulator.now() + after_ms, mchid, out_trade_no, event)
        return order
      }
      const changed = books.happen(mchid, out_trade_no, event, simulator.now(), detail)
      if (!changed) throw new Mistake(409, `${event} cannot happen to an order in ${order.trade_state}`)
      return changed
    },
  ),
  route('GET', '/simulator/faults', 'the table of faults', () =>
    Object.entries(faults).map(([fault, { does, effect, arrives, verifies, about, only }]) => ({
      fault,
      does,
      effect,
      arrives,
      verifies,
      about,
      only,
    })),
  ),
  route('GET', '/simulator/plans', 'the fault plans still to be used', ({ running }) =>
    running.simulator.faults.list(),
  ),
  route(
    'POST',
    '/simulator/plans',
    'plans a fault: {fault, endpoint?, mchid?, out_trade_no?, host?, times?, after?, probability?, seed?, effect?, ms?, at_byte?}',
    ({ running, body }) => running.simulator.faults.add(read(faultPlanSchema, body)),
  ),
  route('DELETE', '/simulator/plans', 'drops every fault plan (?out_trade_no= picks)', ({ running, query }) => {
    const { faults: plans } = running.simulator
    plans.clear(query.get('out_trade_no') ?? undefined)
    return plans.list()
  }),
  route('GET', '/simulator/clock', 'what time it is here', ({ running }) => clockAsJson(running)),
  route('POST', '/simulator/clock', 'sets the clock forward, in one leap: {forward_seconds}', ({ running, body }) => {
    running.simulator.clock.forward(read(clockBody, body).forward_seconds * 1000)
    return clockAsJson(running)
  }),
  route('GET', '/simulator/keys', 'the keys answers are signed with, public halves', ({ running }) =>
    keysAsJson(running),
  ),
  route(
    'POST',
    '/simulator/keys',
    'a new current key: {kind: "public key" | "platform certificate", id?}; an id that is there is the current one again',
    ({ running, body }) => {
      const { kind, id } = read(rotateBody, body)
      const { keys } = running.simulator
      const known = keys.list().find((key) => key.id === id)
      if (known !== undefined && known.kind !== kind) throw new Mistake(409, `${id} is a ${known.kind}`)
      keys.rotate(known ?? createSigningKey(kind, id === undefined ? {} : { id }))
      return keysAsJson(running)
    },
  ),
  route(
    'PUT',
    '/simulator/keys/answer-with',
    'signs every answer with one key, whatever is asked for: {id}; null: as asked again',
    ({ running, body }) => {
      running.simulator.keys.answerWith(read(answerWithBody, body).id)
      return keysAsJson(running)
    },
  ),
  route(
    'DELETE',
    '/simulator/keys/:id',
    'retires a key: requests that name it get the platform certificate',
    ({ running, path: [id = ''] }) => {
      running.simulator.keys.retire(id)
      return keysAsJson(running)
    },
  ),
  route(
    'POST',
    '/simulator/merchants',
    'a merchant, or a further certificate or appid of one: {mchid, appid, certificate_serial_no, public_key}',
    ({ running, body }) => {
      const { mchid, appids, certificates } = running.simulator.addMerchant(read(merchantBody, body))
      return { mchid, appids, certificates: [...certificates.keys()] }
    },
  ),
  route(
    'PUT',
    '/simulator/merchants/:mchid/sub-merchants/:sub_mchid',
    'relates a sub-merchant to a service provider: {sub_appid?}',
    ({ running: { simulator }, path: [sp_mchid = '', sub_mchid = ''], body }) => {
      const { subMerchants } = simulator.addSubMerchant({ sp_mchid, sub_mchid, ...read(subMerchantBody, body) })
      return Object.fromEntries(subMerchants)
    },
  ),
  route(
    'DELETE',
    '/simulator/merchants/:mchid/certificates/:serial',
    'a merchant certificate was replaced: requests signed with it are refused',
    ({ running, path: [mchid = '', serial = ''] }) => {
      running.simulator.merchants.revokeCertificate(mchid, serial)
      return {}
    },
  ),
  route(
    'GET',
    '/simulator/options',
    'how it behaves where the real one is unknown',
    ({ running }) => running.simulator.options,
  ),
  route('PATCH', '/simulator/options', 'changes some of them', ({ running, body }) =>
    Object.assign(running.simulator.options, read(optionsBody, body)),
  ),
  route(
    'PUT',
    '/simulator/domains/:host',
    'takes main or backup down, or brings it back: {state: "up" | "refuse" | "black-hole"}',
    async ({ running, path: [host = ''], body }) => {
      const domain = running.domains[read(hostName, host)]
      const { state } = read(domainBody, body)
      await domain.set(state)
      return { state: domain.state() }
    },
  ),
  route(
    'GET',
    '/simulator/domains',
    'both domains, with the connections and requests they saw',
    ({ running: { domains } }) =>
      Object.entries(domains).map(([host, domain]) => ({
        host,
        url: domain.url,
        state: domain.state(),
        ...domain.counts(),
      })),
  ),
  route(
    'GET',
    '/simulator/log',
    'the last 10,000 requests (?refused picks those that failed a check)',
    ({ running: { simulator }, query }) => (query.has('refused') ? simulator.refusals() : simulator.log()),
  ),
  route(
    'GET',
    '/simulator/pay-codes',
    'the customers behind the last two digits of an auth_code, and what can happen to an order',
    () => ({ pay_codes: payCodes, transitions: TRANSITIONS }),
  ),
]
