// The WeChat Pay (and the Secrets Manager) of the bench, in a process of its own: what it costs is nobody's figure.
// It checks every signature it gets. Its own are made once a second for each answer, so that it is never what is slow.
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** What the server is told at its start: PEMs, and the secret it serves. */
export interface ServerSetup {
  tls: { key: string; cert: string }
  wechatpayPrivateKey: string
  wechatpayPublicKeyId: string
  merchantPublicKey: string
  secret: string
}

/** What it has seen so far. */
export interface ServerCounts {
  requests: number
  handshakes: number
  secretReads: number
}

const counts: ServerCounts = { requests: 0, handshakes: 0, secretReads: 0 }

process.once('message', async (setup: ServerSetup) => {
  const web = createTlsServer({ ...setup.tls, keepAliveTimeout: 60_000 }, createWechatPay(setup))
  web.on('secureConnection', () => {
    counts.handshakes += 1
  })
  const secrets = createServer(async (request, response) => {
    counts.secretReads += 1
    const { SecretId } = JSON.parse(await text(request))
    response.setHeader('Content-Type', 'application/x-amz-json-1.1')
    const SecretString = secretNamed(SecretId, setup.secret)
    response.end(JSON.stringify({ Name: SecretId, VersionStages: ['AWSCURRENT'], SecretString }))
  })
  const portOf = async (server: typeof web | typeof secrets) => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }
  process.send!({ wechatpayPort: await portOf(web), secretsPort: await portOf(secrets) })
  process.on('message', () => process.send!(counts))
})

/** `bench` is the merchant's own; `bench/<mchid>` any other's. They share their keys: to make as many would take minutes. */
function secretNamed(name: string, secret: string): string {
  const [, mchid] = name.split('/')
  return mchid === undefined ? secret : JSON.stringify({ ...JSON.parse(secret), mchid })
}

function createWechatPay(setup: ServerSetup) {
  const merchantKey = createPublicKey(setup.merchantPublicKey)
  const signed = createSigner(setup)
  const reversed = new Set<string>()

  return async (request: IncomingMessage, response: ServerResponse) => {
    counts.requests += 1
    const { method = '', url = '' } = request
    const body = await text(request)
    if (!isSigned(`${method}\n${url}`, request.headers.authorization ?? '', body, merchantKey)) {
      response.writeHead(401, { 'Content-Type': 'application/json' })
      return response.end(JSON.stringify({ code: 'SIGN_ERROR', message: 'sign not match' }))
    }
    const [, out_trade_no, reverse] = /^\/v3\/pay\/transactions\/out-trade-no\/([^/?]+)(\/reverse)?/.exec(url) ?? []
    if (out_trade_no === undefined) return response.writeHead(404).end()
    if (reverse) reversed.add(out_trade_no)
    // An order is paid until it is reversed, and a new one once that was seen.
    const mchid = new URL(url, 'https://localhost').searchParams.get('mchid') ?? JSON.parse(body).mchid
    const order = { appid: 'wxd678efh567hg6787', mchid, out_trade_no }
    const answer = reverse ? order : { ...order, ...transaction(reversed.delete(out_trade_no)) }
    const json = JSON.stringify(answer)
    response.writeHead(200, { 'Content-Type': 'application/json', 'Request-ID': '08E5A1B2C3', ...signed(json) })
    response.end(json)
  }
}

function createSigner({ wechatpayPrivateKey, wechatpayPublicKeyId }: ServerSetup) {
  const key = createPrivateKey(wechatpayPrivateKey)
  let second = 0
  let signatures = new Map<string, string>()
  return (body: string) => {
    const now = Math.floor(Date.now() / 1000)
    if (now !== second) [second, signatures] = [now, new Map()]
    const nonce = `bench${second}`
    const signature =
      signatures.get(body) ?? sign('sha256', Buffer.from(`${second}\n${nonce}\n${body}\n`), key).toString('base64')
    signatures.set(body, signature)
    return {
      'Wechatpay-Timestamp': String(second),
      'Wechatpay-Nonce': nonce,
      'Wechatpay-Serial': wechatpayPublicKeyId,
      'Wechatpay-Signature': signature,
      'Wechatpay-Signature-Type': 'WECHATPAY2-SHA256-RSA2048',
    }
  }
}

function isSigned(line: string, authorization: string, body: string, key: ReturnType<typeof createPublicKey>): boolean {
  const field = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(authorization)?.[1] ?? ''
  const message = `${line}\n${field('timestamp')}\n${field('nonce_str')}\n${body}\n`
  return verify('sha256', Buffer.from(message), key, Buffer.from(field('signature'), 'base64'))
}

/** As long as the real one's: about a kilobyte. */
const transaction = (isReversed: boolean) => ({
  transaction_id: '4200002501202611231234567890',
  trade_type: 'MICROPAY',
  trade_state: isReversed ? 'REVOKED' : 'SUCCESS',
  trade_state_desc: isReversed ? '已撤销' : '支付成功',
  bank_type: 'CMC_DEBIT',
  attach: '门店 17,收银台 3',
  success_time: '2026-11-23T10:34:56+08:00',
  payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
  amount: { total: 1980, payer_total: 1780, currency: 'CNY', payer_currency: 'CNY' },
  scene_info: { device_id: 'POS1:17:3' },
  promotion_detail: [
    {
      coupon_id: '109519',
      name: '单品惠-6',
      scope: 'SINGLE',
      type: 'CASH',
      amount: 200,
      stock_id: '931386',
      wechatpay_contribute: 0,
      merchant_contribute: 200,
      other_contribute: 0,
      currency: 'CNY',
      goods_detail: [{ goods_id: 'M1006', quantity: 1, unit_price: 1980, discount_amount: 200, goods_remark: '热销' }],
    },
  ],
})

process.once('disconnect', () => process.exit())
