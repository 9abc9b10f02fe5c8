import { setImmediate } from 'node:timers/promises'
import { createTimeline } from './timeline.ts'

/** A clock that stands still while anything can go on, and then jumps to what was waited for next. */
export function createVirtualTime() {
  const timeline = createTimeline()
  const waiting = new Map<number, () => void>()
  let now = 0
  let count = 0

  const after = (seconds: number, then: () => void) => {
    count += 1
    waiting.set(count, then)
    timeline.add(now + seconds, count)
  }

  return {
    /** Seconds since the beginning. */
    now: () => now,
    after,
    sleep: (seconds: number) => new Promise<void>((resolve) => after(seconds, resolve)),

    async runUntil(isOver: () => boolean) {
      while (!isOver()) {
        const { time, what } = timeline.next()
        now = time
        waiting.get(what)!()
        waiting.delete(what)
        // Promises that wait for nothing else go on before this.
        await setImmediate()
      }
    },
  }
}
