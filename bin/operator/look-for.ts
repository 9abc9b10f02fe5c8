import { setTimeout as sleep } from 'node:timers/promises'

interface Patience {
  forMs: number
  everyMs: number
  signal?: AbortSignal | undefined
}

/**
 * Looks again and again until something is found.
 *
 * @returns undefined when nothing was there in time
 * @throws AbortError when the signal ends the waiting
 */
export async function lookFor<T>(
  look: () => T | undefined | Promise<T | undefined>,
  { forMs, everyMs, signal }: Patience,
): Promise<T | undefined> {
  for (const endsAt = performance.now() + forMs; performance.now() < endsAt; ) {
    signal?.throwIfAborted()
    const found = await look()
    if (found !== undefined) return found
    await sleep(everyMs, undefined, signal && { signal })
  }
  return undefined
}
