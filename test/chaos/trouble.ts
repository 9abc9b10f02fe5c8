import type { ChooseFault } from '../../infra/local/wechatpay/fault-plans.ts'
import { appliesTo, faults } from '../../infra/local/wechatpay/faults.ts'
import type { Endpoint } from '../../infra/local/wechatpay/operation.ts'

/**
 * Validly signed untruths about the very order that was asked for: an outdated state, "no such order" about one that
 * exists, "the user is paying" about one that is paid. No client can tell those from the truth; they are a broken WeChat
 * Pay, not a fault.
 */
const isUntrue = (name: string, endpoint: Endpoint) =>
  faults[name]!.about === 'outdated' || (endpoint === 'query' && /^user-?paying/.test(name))

/** Disturbs a share of all answers, and can be healed. */
export function createTrouble(share: number, random: () => number) {
  let isHealed = false
  /** While the trouble lasts. */
  const counts = { answers: 0, faulty: 0 }

  const choose: ChooseFault = ({ endpoint }) => {
    if (isHealed) return undefined
    counts.answers += 1
    if (random() >= share) return undefined
    const possible = Object.keys(faults).filter(
      (name) => appliesTo(faults[name]!, endpoint) && !isUntrue(name, endpoint),
    )
    counts.faulty += 1
    return possible[Math.floor(random() * possible.length)]
  }

  return {
    choose,
    counts,
    heal() {
      isHealed = true
    },
  }
}
