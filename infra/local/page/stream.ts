import type { ServerResponse } from 'node:http'
import { SECURITY_HEADERS } from './access.ts'
import type { Place } from './place.ts'
import { readParts } from './read-parts.ts'

const LOOK_EVERY_MS = 250
const BEAT_EVERY_MS = 5_000

/** Tells every open page what has changed. Looks only while somebody watches. */
export function createStream(place: Place) {
  const watching = new Set<ServerResponse>()
  const known = new Map<string, string>()
  let looking: Promise<void> | undefined

  const send = (to: Iterable<ServerResponse>, text: string) => {
    for (const response of to) response.write(text)
  }
  const change = (key: string, value: string) => `data: {"key":${JSON.stringify(key)},"value":${value}}\n\n`

  const look = async () => {
    const parts = await readParts(place)
    for (const key of known.keys()) {
      if (parts.has(key as never)) continue
      known.delete(key)
      send(watching, change(key, 'null'))
    }
    for (const [key, part] of parts) {
      const value = JSON.stringify(part)
      if (known.get(key) === value) continue
      known.set(key, value)
      send(watching, change(key, value))
    }
  }

  const lookAgain = () => {
    // One look at a time: what is under way now will be seen by the next.
    looking ??= look()
      .catch((error) => process.emitWarning(error))
      .finally(() => {
        looking = undefined
      })
    return looking
  }
  const timer = setInterval(() => watching.size > 0 && lookAgain(), LOOK_EVERY_MS).unref()
  const beat = setInterval(() => send(watching, ': still here\n\n'), BEAT_EVERY_MS).unref()

  return {
    async open(response: ServerResponse) {
      response.writeHead(200, { ...SECURITY_HEADERS, 'Content-Type': 'text/event-stream' })
      response.on('close', () => watching.delete(response))
      await lookAgain()
      response.write('retry: 1000\n\n')
      for (const [key, value] of known) response.write(change(key, value))
      response.write('event: ready\ndata: {}\n\n')
      watching.add(response)
    },

    async end() {
      clearInterval(timer)
      clearInterval(beat)
      await looking
      // The connections are cut right after: what was said last must have left by then.
      await Promise.all(
        [...watching].map((response) => new Promise<void>((left) => response.end('event: ended\ndata: {}\n\n', left))),
      )
      watching.clear()
    },
  }
}
