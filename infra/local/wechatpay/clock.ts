/** A clock that can be set forward, never back. */
export interface Clock {
  /** Its time, in ms since 1970. */
  now: () => number
  /** How far it is ahead of the machine's, in ms. */
  aheadMs: () => number
  /** Sets it forward by so many ms, in one leap. */
  forward: (ms: number) => void
  /** Told of every leap, after it, with its ms. Returns how to be told no longer. */
  onLeap: (hear: (ms: number) => void) => () => void
}

/** @param machine the clock it runs with */
export function createClock(machine: () => number = Date.now): Clock {
  let aheadMs = 0
  const hearers = new Set<(ms: number) => void>()
  return {
    now: () => machine() + aheadMs,
    aheadMs: () => aheadMs,
    forward: (ms) => {
      if (!Number.isSafeInteger(ms) || ms < 0) throw new RangeError(`a clock goes forward by whole ms, not by ${ms}`)
      aheadMs += ms
      for (const hear of hearers) hear(ms)
    },
    onLeap: (hear) => {
      hearers.add(hear)
      return () => hearers.delete(hear)
    },
  }
}
