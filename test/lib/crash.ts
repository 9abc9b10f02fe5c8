/** Where a process ends, or a call comes to nothing: before the other side has done what was asked, or after it. */
export const CRASHES = ['dies before', 'dies after', 'fails before', 'fails after'] as const
export type Crash = (typeof CRASHES)[number]

/** What goes wrong at which call to somebody else, counted from 0. */
export type Crashes = ReadonlyMap<number, Crash>

/** A process that died: whoever waits for it waits for ever. */
export const NEVER = new Promise<never>(() => {})

/**
 * Counts the calls to everybody else, the only moments at which a process that dies leaves anything half done, and lets
 * it die there or the call come to nothing.
 */
export function createCrossings(crashes: Crashes = new Map(), died = () => {}) {
  let calls = 0
  const die = (): Promise<never> => {
    died()
    return NEVER
  }
  return {
    calls: () => calls,
    async cross<T>(call: () => T | Promise<T>, fail: () => T): Promise<T> {
      const crash = crashes.get(calls)
      calls += 1
      if (crash === 'dies before') return die()
      if (crash === 'fails before') return fail()
      const answer = await call()
      if (crash === 'dies after') return die()
      return crash === 'fails after' ? fail() : answer
    },
  }
}

/**
 * Tries every single crash and, where asked, every two of them.
 *
 * @param live goes through a story with these crashes, fails when it does not end well, and says how many calls it made
 * @returns how many pairs there were
 */
export async function tryCrashes(live: (crashes: Crashes) => Promise<number>, inPairs: boolean): Promise<number> {
  const told = async (crashes: [number, Crash][]) => {
    try {
      return await live(new Map(crashes))
    } catch (error) {
      const where = crashes.map(([call, crash]) => `call ${call} ${crash}`).join(', ')
      throw new Error(`${where}: ${(error as Error).message}`, { cause: error })
    }
  }
  const calls = await told([])
  let pairs = 0
  for (let first = 0; first < calls; first++) {
    for (const crash of CRASHES) {
      const callsThen = await told([[first, crash]])
      for (let second = first + 1; inPairs && second < callsThen; second++) {
        for (const other of CRASHES) {
          await told([
            [first, crash],
            [second, other],
          ])
          pairs += 1
        }
      }
    }
  }
  return pairs
}
