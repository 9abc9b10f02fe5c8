/** A clock that moves only when everybody waits: days pass in a moment, in an order that can be repeated. */
export function createVirtualTime(startAt: number) {
  let now = startAt
  let agenda: { at: number; run: () => void }[] = []

  /** Everything that can go on without time passing goes on. */
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

  return {
    /** Milliseconds since the epoch. */
    now: () => now,

    /** Lets `run` happen in `ms`; of two at the same moment, the one asked for first comes first. */
    after(ms: number, run: () => void) {
      const at = now + Math.max(0, ms)
      const index = agenda.findIndex((entry) => entry.at > at)
      agenda.splice(index < 0 ? agenda.length : index, 0, { at, run })
    },

    /** Passes the time until `promise` is settled, or nothing is left to happen. */
    async until<T>(promise: Promise<T>): Promise<T> {
      let isSettled = false
      promise.then(
        () => (isSettled = true),
        () => (isSettled = true),
      )
      await settle()
      while (!isSettled && agenda.length > 0) {
        const next = agenda.shift()!
        now = next.at
        next.run()
        await settle()
      }
      if (!isSettled) throw new Error('nothing is left to happen')
      return promise
    },

    /** Passes the time until nothing is left to happen, or `steps` things have happened. */
    async untilQuiet(steps: number): Promise<boolean> {
      await settle()
      for (let step = 0; step < steps && agenda.length > 0; step += 1) {
        const next = agenda.shift()!
        now = next.at
        next.run()
        await settle()
      }
      return agenda.length === 0
    },

    /** Passes `ms`, whatever happens meanwhile. */
    async pass(ms: number) {
      const until = now + ms
      await settle()
      while (agenda[0] !== undefined && agenda[0].at <= until) {
        const next = agenda.shift()!
        now = next.at
        next.run()
        await settle()
      }
      now = until
    },

    /** Forgets what was to happen. */
    clear() {
      agenda = []
    },
  }
}

export type VirtualTime = ReturnType<typeof createVirtualTime>
