import type { ChooseFault } from '../../infra/local/wechatpay/fault-plans.ts'
import { appliesTo, faults } from '../../infra/local/wechatpay/faults.ts'

/**
 * The faults to draw from: all but validly signed untruths about the very order that was asked for (an outdated state,
 * "no such order" about one that exists). No client can tell those from the truth; they are a broken WeChat Pay, not a fault.
 */
export const DRAWN = Object.keys(faults).filter((name) => faults[name]!.about !== 'outdated')

/** Disturbs a share of all answers, and can be healed. */
export function createTrouble(share: number, random: () => number) {
  let isHealed = false
  /** While the trouble lasts. */
  const counts = { answers: 0, faulty: 0 }

  const choose: ChooseFault = ({ endpoint }) => {
    if (isHealed) return undefined
    counts.answers += 1
    if (random() >= share) return undefined
    const possible = DRAWN.filter((name) => appliesTo(faults[name]!, endpoint))
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
