import { randomInt } from 'node:crypto'
import type { OrderMessage } from '../../lib/reversal/order.ts'
import { Failure } from '../operator/failure.ts'
import { attemptedAt } from '../start/runs.ts'
import type { OpenStage } from '../start/stage.ts'
import { text } from '../texts/try.ts'
import type { Scene } from './scene.ts'
import { createSteps, showEnd, showOrder, showTitle } from './show.ts'
import { type Name, stories } from './stories.ts'

export interface Play {
  /** At Ctrl-C. */
  signal: AbortSignal
  /** The stack is of this process, and ends with a story that fails. */
  isOwn: boolean
  /** It is there after the story, too. */
  isLeft: boolean
}

const INTERRUPTED = 130

/**
 * Plays a story, and puts back what it changed, whether it ends well or not.
 *
 * @throws Failure when what it promises does not happen
 */
export async function play(stage: OpenStage, name: Name, { signal: interrupt, isOwn, isLeft }: Play): Promise<void> {
  const story = stories[name]
  const steps = createSteps(stage.now())
  const aheadMs = () => stage.parts.clock?.aheadMs ?? 0
  const aheadBeforeMs = aheadMs()
  const over = new AbortController()
  const signal = AbortSignal.any([interrupt, over.signal])
  const scene: Scene = {
    stage,
    order: orderOf(stage, name),
    tell: (words) => steps.tell(stage.now(), words),
    undo: [],
    signal,
    ended: undefined,
  }
  showTitle(name)
  showOrder(scene)
  try {
    for (const act of story.acts) {
      signal.throwIfAborted()
      await act(scene)
      steps.show(scene)
    }
  } catch (error) {
    steps.show(scene)
    if (interrupt.aborted) throw new Failure(text.interrupted, undefined, { exitCode: INTERRUPTED })
    throw new Failure(text.broken((error as Error).message), isOwn ? undefined : text.look(stage.local.pageUrl), {
      cause: error,
    })
  } finally {
    over.abort()
    for (const putBack of scene.undo.toReversed()) await putBack()
  }
  await showEnd(scene, name, story, { isLeft, leptMs: aheadMs() - aheadBeforeMs })
}

/** A new one at each time: the same story may be played twice on one stack. */
function orderOf(stage: OpenStage, name: Name): OrderMessage {
  const { mchid, appid } = stage.merchant
  const names = stories[name].isPartner
    ? { sp_mchid: mchid, sp_appid: appid, sub_mchid: stage.parts.setting?.merchants[0]?.subMerchants[0] ?? '' }
    : { mchid, appid }
  return {
    ...names,
    out_trade_no: `${name}-${randomInt(36 ** 3, 36 ** 4).toString(36)}`,
    attempted_at: attemptedAt(stage),
  }
}
