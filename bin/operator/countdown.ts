import { setTimeout } from 'node:timers/promises'
import { SingleBar } from 'cli-progress'

/** Waits so many seconds, or until the signal; in a terminal a bar shows how long it still takes. */
export async function countdown(seconds: number, what: string, signal: AbortSignal): Promise<void> {
  const bar = new SingleBar({
    format: `  ${what} {bar} {left} s`,
    hideCursor: true,
    clearOnComplete: true,
    linewrap: true,
    stream: process.stderr,
  })
  const endsAt = Date.now() + seconds * 1000
  if (process.stderr.isTTY) bar.start(seconds, 0, { left: seconds })
  try {
    for (let leftMs = seconds * 1000; leftMs > 0 && !signal.aborted; leftMs = endsAt - Date.now()) {
      await setTimeout(Math.min(1000, leftMs), undefined, { signal }).catch(() => {})
      const left = Math.max(0, Math.ceil((endsAt - Date.now()) / 1000))
      bar.update(seconds - left, { left })
    }
  } finally {
    bar.stop()
  }
}
