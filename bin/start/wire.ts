import { signedAtMs } from '../../infra/local/wechatpay/authorization.ts'
import type { Reply } from '../../infra/local/wechatpay/delivery.ts'
import type { Simulator } from '../../infra/local/wechatpay/simulator.ts'
import type { WireRequest } from '../../infra/local/wechatpay/wire.ts'
import type { WechatPayKeys } from '../../lib/wechatpay/merchant.ts'
import { verifyAnswer } from '../../lib/wechatpay/verify.ts'

/** One call as WeChat Pay saw it, and what became of its answer. */
export interface Step {
  call: 'query' | 'reverse'
  out_trade_no: string
  host: 'main' | 'backup'
  /** The answer's `trade_state`, error code or status. */
  said: string
  /** Did the answer arrive, and is its signature WeChat Pay's? */
  seen: 'verified' | 'unverified' | 'lost'
}

const TRANSACTION = /^\/v3\/pay\/(?:partner\/)?transactions\/out-trade-no\/([^/?]+)(\/reverse)?/

/** A simulator that tells of every query and reverse it answers. */
export function watched(simulator: Simulator, keys: WechatPayKeys, onStep: (step: Step) => void): Simulator {
  return {
    ...simulator,
    handle: (request, at) => {
      const reply = simulator.handle(request, at)
      const step = toStep(request, reply, keys)
      if (step) onStep(step)
      return reply
    },
  }
}

function toStep(request: WireRequest, reply: Reply, keys: WechatPayKeys): Step | undefined {
  const { target, host = 'main' } = request
  const [, out_trade_no, reverse] = target.match(TRANSACTION) ?? []
  if (!out_trade_no) return undefined
  const call = reverse ? 'reverse' : 'query'
  const seen = seenBy(reply, keys, signedAtMs(request) ?? Date.now())
  return { call, out_trade_no: decodeURIComponent(out_trade_no), host, said: saidBy(reply), seen }
}

function saidBy({ status, body }: Reply): string {
  try {
    const { trade_state, code } = JSON.parse(body.toString())
    return trade_state ?? code ?? String(status)
  } catch {
    return String(status)
  }
}

function seenBy({ headers, body, delivery }: Reply, keys: WechatPayKeys, nowMs: number): Step['seen'] {
  if (delivery.kind !== 'whole') return 'lost'
  const byName = Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), [value]]))
  return verifyAnswer(keys, byName, body, nowMs).ok ? 'verified' : 'unverified'
}
