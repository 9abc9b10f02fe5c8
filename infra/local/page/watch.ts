import type { OrderPart, PartKey, Parts } from './parts.ts'

export interface Watching {
  /** As they are now. */
  parts: Partial<Parts>
  /** `isReady`: every part was told once. `isEnded`: the place is closed. */
  heard: Readonly<{ isReady: boolean; isEnded: boolean }>
  orders(): OrderPart[]
  close(): Promise<void>
}

/**
 * Follows a page's stream, as the page does.
 *
 * @param url the page's address, token included
 * @param hear told everything that is said there
 */
export async function watch(url: string, hear: (text: string) => void = () => {}): Promise<Watching> {
  const closing = new AbortController()
  const { body } = await fetch(`${url}stream`, { signal: closing.signal })
  const parts: Partial<Parts> = {}
  const heard = { isReady: false, isEnded: false }
  const read = async () => {
    let rest = ''
    for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
      hear(chunk)
      const messages = (rest + chunk).split('\n\n')
      rest = messages.pop()!
      for (const message of messages) {
        heard.isReady ||= message.startsWith('event: ready')
        heard.isEnded ||= message.startsWith('event: ended')
        if (!message.startsWith('data: ')) continue
        const { key, value } = JSON.parse(message.slice('data: '.length)) as { key: PartKey; value: never }
        if (value === null) delete parts[key]
        else parts[key] = value
      }
    }
  }
  const reading = read().catch(() => {
    heard.isEnded = true
  })
  return {
    parts,
    heard,
    orders: () => Object.entries(parts).flatMap(([key, part]) => (key.startsWith('order ') ? [part as OrderPart] : [])),
    close: async () => {
      closing.abort()
      await reading
    },
  }
}
