// The floor: the least that a signed and verified call can be. `node:https` with keep-alive, each key parsed once, sign, send,
// verify. No deadline, no second domain, no look at what is answered.
import { createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto'
import { Agent, request } from 'node:https'
import { APPID, orderPath, type Setting } from './setting.ts'

type Json = Record<string, string>

export function createFloorClient({ endpoint, mchid, serial, privateKey, wechatpayKey }: Setting) {
  const agent = new Agent({ keepAlive: true })
  const { hostname, port } = new URL(endpoint)
  const signingKey = createPrivateKey(privateKey)
  const verifyingKey = createPublicKey(wechatpayKey)

  function call(method: 'GET' | 'POST', path: string, body = ''): Promise<Json> {
    const timestamp = Math.floor(Date.now() / 1000)
    const nonce = randomBytes(16).toString('hex')
    const message = `${method}\n${path}\n${timestamp}\n${nonce}\n${body}\n`
    const signature = sign('sha256', Buffer.from(message), signingKey).toString('base64')
    const headers = {
      Accept: 'application/json',
      Authorization: `WECHATPAY2-SHA256-RSA2048 mchid="${mchid}",nonce_str="${nonce}",signature="${signature}",timestamp="${timestamp}",serial_no="${serial}"`,
      ...(body !== '' && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
    }
    return new Promise((resolve, reject) => {
      const outgoing = request({ agent, hostname, port, method, path, headers }, (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          const header = (name: string) => String(incoming.headers[name])
          const signed = `${header('wechatpay-timestamp')}\n${header('wechatpay-nonce')}\n${text}\n`
          const theirs = Buffer.from(header('wechatpay-signature'), 'base64')
          if (verify('sha256', Buffer.from(signed), verifyingKey, theirs)) resolve(JSON.parse(text))
          else reject(new Error('wrong signature'))
        })
      })
      outgoing.on('error', reject)
      outgoing.end(body)
    })
  }

  return {
    query: (order: string) => call('GET', `${orderPath(order)}?mchid=${mchid}`),
    reverse: (order: string) => call('POST', `${orderPath(order)}/reverse`, JSON.stringify({ appid: APPID, mchid })),
  }
}
