import type { Entry, Message, OrderPart } from '../../infra/local/page/parts.ts'
import type { OrderMessage } from '../../lib/reversal/order.ts'
import type { Reversal } from '../../lib/reversal/result.ts'
import { signerOf } from '../../lib/wechatpay/order-id.ts'
import { Failure } from '../operator/failure.ts'
import { lookFor } from '../operator/look-for.ts'
import type { OpenStage } from '../start/stage.ts'
import { text } from '../texts/try.ts'

/** A story as it is played: its stack, its order, and what has to be put back at its end. */
export interface Scene {
  stage: OpenStage
  order: OrderMessage
  /** Says that something was done to the stack, at its time. */
  tell(words: string): void
  /** Puts back what an act changed, at the end of the story or at Ctrl-C. */
  undo: (() => Promise<unknown>)[]
  /** At Ctrl-C, and when the story is over: nothing is waited for any more. */
  signal: AbortSignal
  /** How the order ends, once it was sent. */
  ended: Promise<Reversal> | undefined
  /** What proves the outcome; or why a person gets it. In words. */
  proof?: string
  reason?: string | undefined
}

/** One thing that happens in a story. @throws Failure when it does not happen */
export type Act = (scene: Scene) => Promise<unknown>

/** Longer takes nothing that a story waits for: the clock goes forward instead. */
const PATIENCE_MS = 30_000

/** What was looked for, as soon as it is there. @throws Failure that says what did not happen */
export async function until<T>({ signal }: Pick<Scene, 'signal'>, what: string, look: () => T | undefined): Promise<T> {
  const found = await lookFor(look, { forMs: PATIENCE_MS, everyMs: 50, signal })
  if (found === undefined) throw new Failure(text.late(String(PATIENCE_MS / 1000), what))
  return found
}

/** The order as the page shows it. */
export const partOf = ({ stage, order }: Pick<Scene, 'stage' | 'order'>): OrderPart | undefined =>
  stage.parts[`order ${signerOf(order)}/${order.out_trade_no}`]

export const timelineOf = (scene: Pick<Scene, 'stage' | 'order'>): readonly Entry[] => partOf(scene)?.timeline ?? []

/** Its message on one of the queues. */
export const messageIn = (
  { stage, order }: Pick<Scene, 'stage' | 'order'>,
  queue: 'queue' | 'deadLetters',
): Message | undefined => stage.parts[queue]?.find(({ out_trade_no }) => out_trade_no === order.out_trade_no)
