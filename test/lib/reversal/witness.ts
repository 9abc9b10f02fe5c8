import { createPublicKey, verify } from 'node:crypto'
import type { Exchange, WireAnswer } from '../../../lib/wechatpay/exchange.ts'
import { NAMES } from './virtual-service.ts'
import { SMALL_KEYS } from './virtual-wechatpay.ts'

/** WeChat Pay's public keys by serial. */
export const WECHATPAY_KEYS = new Map(
  [SMALL_KEYS.publicKey, SMALL_KEYS.platformCertificate].map(({ id, pem }) => [id.toUpperCase(), createPublicKey(pem)]),
)

const UNPAID = new Set(['NOTPAY', 'USERPAYING', 'PAYERROR', 'ORDER_NOT_EXIST', 'ORDERNOTEXIST', 'USER_PAYING'])

/** Looks over the shoulder of all attempts: what they were told with a good signature, and what they did then. */
export function createWitness(now: () => number) {
  const told = { paid: false, reverseAnswered: false }
  const blindReverses: string[] = []

  /** The wire of one attempt, watched. */
  function watch(wire: Exchange): Exchange {
    let wasUnpaid = false
    return {
      ...wire,
      async send(endpoint, request, timeoutMs) {
        const isReverse = request.method === 'POST'
        if (isReverse && !wasUnpaid) blindReverses.push(request.target)
        const answer = await wire.send(endpoint, request, timeoutMs)
        const said = answer.kind === 'answered' ? signedWords(answer, now()) : undefined
        if (said === undefined) return answer
        if (isReverse) told.reverseAnswered = true
        else wasUnpaid = UNPAID.has(String(said.trade_state ?? said.code))
        if (!isReverse && said.trade_state === 'SUCCESS' && isOurs(said)) told.paid = true
        return answer
      },
    }
  }

  return { watch, told, blindReverses }
}

/** What an answer says, if it is signed and fresh: checked with nothing of ours. */
function signedWords({ headers, body }: WireAnswer, now: number): Record<string, unknown> | undefined {
  const [timestamp, nonce, signature, serial] = ['timestamp', 'nonce', 'signature', 'serial'].map((name) =>
    headers[`wechatpay-${name}`]?.toString(),
  )
  const key = WECHATPAY_KEYS.get(serial ?? '')
  if (!timestamp || !nonce || !signature || !key || Math.abs(now / 1000 - Number(timestamp)) >= 300) return undefined
  const message = Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), body, Buffer.from('\n')])
  if (!verify('sha256', message, key, Buffer.from(signature, 'base64'))) return undefined
  try {
    return JSON.parse(body.toString().replace(/^\uFEFF/, '') || '{}') ?? {}
  } catch {
    return undefined
  }
}

const isOurs = ({ mchid, out_trade_no, appid }: Record<string, unknown>) =>
  mchid === NAMES.mchid && out_trade_no === NAMES.out_trade_no && (appid === undefined || appid === NAMES.appid)
