import type { KeyObject } from 'node:crypto'
import { Formatter, Rsa } from 'wechatpay-axios-plugin'
import { APPID, keys, MCHID, PUBLIC_KEY_ID } from './keys-and-secrets.ts'

export type Headers = [name: string, value: string][]

export interface Parts {
  status?: number
  body?: string | Buffer
  key?: KeyObject
  serial?: string
  /** Seconds since the epoch. */
  timestamp?: number | string
  nonce?: string
  /** Changes the headers once they are signed. */
  headers?: (headers: Headers) => Headers
}

export interface Answer {
  status: number
  headers: Headers
  body: Buffer
}

/** An order's state as a query tells it. */
export const stateOf = (trade_state: string, otherwise: object = {}) =>
  JSON.stringify({ appid: APPID, mchid: MCHID, out_trade_no: 'A', trade_state, ...otherwise })

/** An answer as WeChat Pay makes it, signed by a library that is not ours. */
export function signedAnswer({
  status = 200,
  body: content = stateOf('REVOKED'),
  key = keys.wechatPay,
  serial = PUBLIC_KEY_ID,
  timestamp = Math.floor(Date.now() / 1000),
  nonce = Formatter.nonce(),
  headers = (all) => all,
}: Parts = {}): Answer {
  const body = Buffer.from(content)
  // Over bytes, not text: a body need not be UTF-8.
  const message = Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), body, Buffer.from('\n')])
  return {
    status,
    body,
    headers: headers([
      ['Content-Type', 'application/json; charset=utf-8'],
      ['Request-ID', '08C5D2F9A30610A50218F7C8B1DA0420-0'],
      ['Wechatpay-Nonce', nonce],
      ['Wechatpay-Signature', Rsa.sign(message as never, key as never)],
      ['Wechatpay-Timestamp', String(timestamp)],
      ['Wechatpay-Serial', serial],
      ['Wechatpay-Signature-Type', 'WECHATPAY2-SHA256-RSA2048'],
    ]),
  }
}

/** The same without a signature. */
export const unsignedAnswer = (parts: Parts = {}): Answer =>
  signedAnswer({ ...parts, headers: (all) => all.filter(([name]) => !name.startsWith('Wechatpay-')) })

/** An answer as one HTTP/1.1 message; its length is told unless the headers say otherwise. */
export function messageOf({ status, headers, body }: Answer): Buffer {
  const names = new Set(headers.map(([name]) => name.toLowerCase()))
  const hasLength = names.has('content-length') || names.has('transfer-encoding') || names.has('connection')
  const all = hasLength ? headers : [...headers, ['Content-Length', String(body.length)]]
  const head = [`HTTP/1.1 ${status} -`, ...all.map(([name, value]) => `${name}: ${value}`)]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), body])
}
