import type { DecisionTable } from '../../lib/reversal/decision/rows.ts'
import { DECISION } from '../../lib/reversal/decision/table.ts'
import { NAMES } from './answers.ts'
import { brokenBy, type Law } from './laws.ts'
import { type Bounds, type Move, movesFrom } from './moves.ts'
import { INSTANTS, keyOf, type Situation, START_MS } from './situation.ts'

export interface Start {
  from: 'queue' | 'caller' | 'machine'
  ifPaid: 'refund' | 'keep'
  /** How long before the start the payment was attempted, if the caller says so. */
  attemptedSecondsAgo?: number
}

export interface ExploreOptions {
  start: Start
  table?: DecisionTable
  attemptsAtOnce?: number
  messagesAtOnce?: number
  instants?: readonly number[]
  isHonest?: boolean
  isDeliveredOnce?: boolean
  /** Ends with the first broken law that is not expected. */
  stopAt?: (law: Law) => boolean
  /** More situations than this are not looked through: the search throws. */
  most?: number
}

export interface Explored {
  situations: number
  moves: number
  /** The shortest story of each law that can be broken. */
  broken: ReadonlyMap<Law, readonly string[]>
  /** The shortest story after which no end can be reached, although nothing goes wrong any more. */
  stuck: readonly string[] | undefined
}

/** Looks through everything that can happen to one order, breadth first, until nothing new appears. */
export function explore(options: ExploreOptions): Explored {
  const { start, stopAt = () => false, most = 5_000_000 } = options
  const bounds: Bounds = {
    table: options.table ?? DECISION,
    instants: options.instants ?? INSTANTS,
    isHonest: options.isHonest ?? false,
    isDeliveredOnce: options.isDeliveredOnce ?? false,
    attemptsAtOnce: options.attemptsAtOnce ?? 1,
    messagesAtOnce: options.messagesAtOnce ?? 1,
  }
  const seen = new Map<string, number>()
  /** By situation: the one before it, and what happened then. */
  const cameFrom: number[] = []
  const by: string[] = []
  const isEnd: boolean[] = []
  const hasTime: boolean[] = []
  /** The last moment within the 7 days, and the last of all: what waits then has no moment left to end at. */
  const horizons = [bounds.instants.findLast((instant) => instant < WEEK_S), bounds.instants.at(-1)]
  /** From and to of every move that is no fault. */
  const calm: number[] = []
  const broken = new Map<Law, readonly string[]>()
  let frontier: { at: number; situation: Situation }[] = []
  let moves = 0

  function add(situation: Situation, from: number, says: string): number {
    const key = keyOf(situation, bounds.instants)
    const known = seen.get(key)
    if (known !== undefined) return known
    const index = cameFrom.length
    if (index >= most) throw new Error(`more than ${most} situations`)
    seen.set(key, index)
    cameFrom.push(from)
    by.push(says)
    isEnd.push(false)
    hasTime.push(!horizons.includes(situation.now))
    next.push({ at: index, situation })
    return index
  }

  const storyOf = (at: number, last?: string): string[] => {
    const story = last === undefined ? [] : [last]
    for (let index = at; index > 0; index = cameFrom[index]!) story.unshift(by[index]!)
    return story
  }

  let next: typeof frontier = []
  add(startOf(start), 0, '')
  while (next.length > 0) {
    frontier = next
    next = []
    for (const { at, situation } of frontier) {
      if (isOver(situation)) {
        isEnd[at] = true
        continue
      }
      for (const move of movesFrom(situation, bounds)) {
        moves += 1
        if (move.isBeyond) {
          isEnd[at] = true
          continue
        }
        for (const law of brokenBy(move, situation)) {
          if (!broken.has(law)) broken.set(law, storyOf(at, move.says))
          if (stopAt(law)) return { situations: cameFrom.length, moves, broken, stuck: undefined }
        }
        const to = add(move.to, at, move.says)
        const isTooLate = situation.now < WEEK_S && move.to.now >= WEEK_S
        if (!move.isFault && !isTooLate) calm.push(at, to)
        if (!move.isFault && isGoodEnd(move, situation)) isEnd[at] = true
      }
    }
  }
  const at = firstStuck(isEnd, hasTime, calm)
  return { situations: cameFrom.length, moves, broken, stuck: at === undefined ? undefined : storyOf(at) }
}

/** Within the 7 days calm must lead to an outcome, or to a person for a reason of WeChat Pay's; later, age is one. */
const isGoodEnd = ({ tells }: Move, situation: Situation) =>
  tells !== undefined && (tells !== 'ReversalExpired' || situation.now >= WEEK_S)

const WEEK_S = 7 * 24 * 60 * 60

/** Nothing of ours is left that could still do anything. */
const isOver = ({ messages, attempts, onTheWire, machine, isCallerWaiting }: Situation) =>
  messages.length + attempts.length + onTheWire.length === 0 && machine === undefined && !isCallerWaiting

/** The first situation from which no moves without a fault lead to an end, although there is time for it. */
function firstStuck(
  isEnd: readonly boolean[],
  hasTime: readonly boolean[],
  calm: readonly number[],
): number | undefined {
  const first = new Int32Array(isEnd.length).fill(-1)
  const following = new Int32Array(calm.length / 2)
  for (let move = 0; move < following.length; move += 1) {
    const to = calm[2 * move + 1]!
    following[move] = first[to]!
    first[to] = move
  }
  const reaches = Uint8Array.from(isEnd, Number)
  const waiting = isEnd.flatMap((end, index) => (end ? [index] : []))
  for (let to = waiting.pop(); to !== undefined; to = waiting.pop()) {
    for (let move = first[to]!; move >= 0; move = following[move]!) {
      const from = calm[2 * move]!
      if (reaches[from]) continue
      reaches[from] = 1
      waiting.push(from)
    }
  }
  const stuck = hasTime.findIndex((has, index) => has && !reaches[index])
  return stuck < 0 ? undefined : stuck
}

function startOf({ from, ifPaid, attemptedSecondsAgo }: Start): Situation {
  const attempted_at =
    attemptedSecondsAgo === undefined ? undefined : new Date(START_MS - attemptedSecondsAgo * 1000).toISOString()
  const body = { ...NAMES, if_paid: ifPaid, ...(attempted_at !== undefined && { attempted_at }) }
  const message = { id: 1, body, sentAt: 0, visibleAt: 0, isInFlight: false }
  return {
    body,
    now: 0,
    order: undefined,
    isArriving: true,
    onTheWire: [],
    messages: from === 'queue' ? [message] : [],
    attempts: [],
    isCallerWaiting: from === 'caller',
    machine: from === 'machine' ? { body, visibleAt: 0 } : undefined,
    wasToldKept: false,
    wasToldNotFound: false,
  }
}
