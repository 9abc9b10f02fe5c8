// SQS as far as fairness depends on it, as AWS documents it:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html
//
// Modelled: a group with at least 30 messages in flight, and more than a tenth of all that are in flight, is noisy until
// nothing of it waits. A receive takes from groups that are not noisy, as long as anything of theirs waits; then from the noisy
// group with the fewest in flight. Messages without a group are each a tenant of its own: none is ever noisy.
//
// Assumed, because AWS does not say it: within the quiet groups, and where there are none, the oldest message comes first
// (standard queues order as well as they can); a noisy group is known at once (AWS: the thresholds are approximate). Whether
// one receive mixes quiet messages with noisy ones is not said either, and can be chosen.
//
// Left out: the share of processing time, whose span AWS does not tell. It can only find a noisy group sooner.

const NOISY = { inFlight: 30, shareOfAll: 1 / 10 }

export interface Queued {
  /** Undefined: a tenant of its own. */
  group: string | undefined
}

interface Group<M> {
  /** Those that wait, the oldest first, from `next` on. */
  waiting: { message: M; since: number }[]
  next: number
  inFlight: number
  isNoisy: boolean
}

/** @param mixes whether a receive that found quiet messages is filled up with noisy ones */
export function createFairQueue<M extends Queued>(mixes: boolean) {
  const groups = new Map<string | undefined, Group<M>>()
  let inFlight = 0
  let arrivals = 0

  function groupOf({ group }: Queued): Group<M> {
    const known = groups.get(group)
    if (known !== undefined) return known
    const made = { waiting: [], next: 0, inFlight: 0, isNoisy: false }
    groups.set(group, made)
    return made
  }

  const waits = ({ waiting, next }: Group<M>) => next < waiting.length

  function look() {
    for (const [name, group] of groups) {
      const stands = group.inFlight >= NOISY.inFlight && group.inFlight > inFlight * NOISY.shareOfAll
      group.isNoisy = name !== undefined && waits(group) && (group.isNoisy || stands)
    }
  }

  /** Whose message comes next. */
  function pick(): Group<M> | undefined {
    let best: Group<M> | undefined
    for (const group of groups.values()) {
      if (waits(group) && (best === undefined || comesBefore(group, best))) best = group
    }
    return best
  }

  function comesBefore(one: Group<M>, other: Group<M>): boolean {
    if (one.isNoisy !== other.isNoisy) return other.isNoisy
    if (one.isNoisy) return one.inFlight < other.inFlight
    return one.waiting[one.next]!.since < other.waiting[other.next]!.since
  }

  function take(group: Group<M>): M {
    const { message } = group.waiting[group.next]!
    group.next += 1
    if (group.next > 1_000 && group.next * 2 > group.waiting.length) {
      group.waiting = group.waiting.slice(group.next)
      group.next = 0
    }
    group.inFlight += 1
    inFlight += 1
    return message
  }

  return {
    get inFlight() {
      return inFlight
    },

    /** A message can be received from now on. */
    show(message: M) {
      groupOf(message).waiting.push({ message, since: arrivals++ })
    },

    receive(most: number): M[] {
      look()
      const received: M[] = []
      for (let group = pick(); group !== undefined && received.length < most; group = pick()) {
        if (!mixes && group.isNoisy && received.some((message) => !groupOf(message).isNoisy)) break
        received.push(take(group))
      }
      return received
    },

    /** A message that was received is deleted, or hidden no longer. */
    land(message: M) {
      groupOf(message).inFlight -= 1
      inFlight -= 1
    },
  }
}
