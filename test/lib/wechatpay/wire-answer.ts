import type { WireAnswer } from '../../../lib/wechatpay/exchange.ts'

/**
 * An answer without a socket, its headers as Node hands over those that are signed: names in small letters, the values of a
 * doubled one joined. (Of a few others Node keeps the first value, or a list.)
 */
export function wireAnswer(answer: {
  status: number
  headers: readonly (readonly [name: string, value: string])[]
  body: Buffer
}): WireAnswer {
  const { status, body } = answer
  const headers: Record<string, string> = {}
  for (const [name, value] of answer.headers) {
    const key = name.toLowerCase()
    headers[key] = Object.hasOwn(headers, key) ? `${headers[key]}, ${value}` : value
  }
  return { kind: 'answered', status, headers, body }
}
