import type { WireAnswer } from '../../../lib/wechatpay/exchange.ts'

/** An answer as Node hands it over, without a socket: names in small letters, the values of a doubled one joined. */
export function wireAnswer(answer: {
  status: number
  headers: readonly (readonly [name: string, value: string])[]
  body: Buffer
}): WireAnswer {
  const { status, body } = answer
  const headers: Record<string, string> = {}
  for (const [name, value] of answer.headers) {
    const key = name.toLowerCase()
    headers[key] = key in headers ? `${headers[key]}, ${value}` : value
  }
  return { kind: 'answered', status, headers, body }
}
