import assert from 'node:assert/strict'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { type Check, createChecklist } from '../../bin/operator/checks/checklist.ts'
import { checkSecret } from '../../bin/operator/checks/secret.ts'
import { checkWechatPay } from '../../bin/operator/checks/wechatpay.ts'
import { createCertificate } from '../../infra/local/wechatpay/certificate.ts'
import { generatePrivateKey, randomSerial } from '../../infra/local/wechatpay/keys.ts'
import type { MerchantSecret, MerchantWithKeys } from '../../infra/local/wechatpay/merchants.ts'
import type { RunningSimulator } from '../../infra/local/wechatpay/running.ts'
import { startSimulator } from '../../infra/local/wechatpay/server.ts'
import { createSimulator } from '../../infra/local/wechatpay/simulator.ts'
import { parseEndpoints } from '../../lib/wechatpay/endpoints.ts'
import { file, runCommand, startCommand } from './run-command.ts'
import { runInShared } from './shared-process/run-in-shared.ts'

const privateKey = generatePrivateKey()
const otherPrivateKey = generatePrivateKey()
const apiv3Key = 'S3cret'.repeat(6).slice(0, 32)
const publicPem = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' })
const publicPemOf = (certificate: string) =>
  new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'pem' }) as string
const ownPublicPem = publicPemOf(createCertificate({ privateKey, serial: '4A' }))
const tls = {
  key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  cert: createCertificate({ privateKey, serial: randomSerial() }),
}

let wechatPay: RunningSimulator
const closing: (() => unknown)[] = []

before(async () => {
  wechatPay = await startSimulator()
  closing.push(wechatPay.close)
})
after(() => Promise.all(closing.map((close) => close())))

let opened = 0
/** A merchant of its own for each case, so that faults can be planned for it alone. */
function openMerchant({ simulator } = wechatPay) {
  opened += 1
  return simulator.openMerchant({ mchid: String(1900000000 + opened), privateKey })
}

interface Doctored {
  ok: boolean
  checks: readonly Check[]
  text: string
}

interface Asked {
  endpoints?: string
  certificate?: string
  subMchid?: string
  appid?: string
  timeoutMs?: number
}

/** What the command does, without a process of its own. */
async function examine(secret: unknown, asked: Asked = {}): Promise<Doctored> {
  const { endpoints = wechatPay.endpoints[0], certificate, subMchid, appid, timeoutMs = 5_000 } = asked
  const list = createChecklist(() => {})
  const usable = checkSecret(list, typeof secret === 'string' ? secret : JSON.stringify(secret), certificate)
  if (usable !== undefined) {
    await checkWechatPay(list, {
      endpoints: parseEndpoints(endpoints),
      signer: usable.signer,
      timeoutMs,
      subMchid,
      appid,
    })
  }
  return { ok: list.isHealthy(), checks: list.checks, text: JSON.stringify(list.checks) }
}

/** One trouble: how it comes about, the line that must name it, and the words it must be named with. */
interface Trouble {
  trouble: string
  /** The secret's text or JSON, from the secret of a merchant in order. */
  secret?: (secret: MerchantSecret, merchant: MerchantWithKeys) => unknown
  /** What is wrong with the world. */
  fault?: string
  certificate?: (merchant: MerchantWithKeys) => string
  subMchid?: string
  appid?: string
  endpoints?: () => Promise<string>
  check: string
  says: RegExp
  /** A line that must be shown as skipped. */
  skips?: string
}

const without = (name: keyof MerchantSecret) => (secret: MerchantSecret) => ({ ...secret, [name]: undefined })
const certificateOf = (merchant: MerchantWithKeys, choice: object = {}) =>
  createCertificate({ privateKey: merchant.privateKey, serial: merchant.certificate_serial_no, ...choice })

/** A server that listens and does this with what it gets. */
async function listening(server: ReturnType<typeof createServer> | ReturnType<typeof createHttpServer>) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The simulator behind a clock that is `seconds` ahead, in its checks, its signatures and its Date. */
async function clockAhead(seconds: number): Promise<string> {
  const now = () => Date.now() + seconds * 1000
  const simulator = createSimulator({ now })
  for (const { mchid, appids, certificates } of wechatPay.simulator.merchants.list()) {
    const [[certificate_serial_no, public_key] = ['', privateKey]] = certificates
    simulator.addMerchant({ mchid, appid: appids[0]!, certificate_serial_no, public_key })
  }
  const server = createHttpServer({ sendDate: false } as object, async (request, response) => {
    const { method = '', url: target = '', rawHeaders } = request
    const headers = rawHeaders.flatMap((name, index) => (index % 2 ? [] : [[name, rawHeaders[index + 1]!] as const]))
    const reply = simulator.handle({ method, target, headers, body: await buffer(request) })
    response.sendDate = false
    response.writeHead(reply.status, [...reply.headers, ['Date', new Date(now()).toUTCString()]].flat()).end(reply.body)
  })
  return `http://${await listening(server)}`
}

const silent = async () => `http://${await listening(createServer(() => {}))}`
const silentTls = async () => `https://${await listening(createServer(() => {}))}`
async function withTls() {
  const simulator = await startSimulator({}, { tls })
  closing.push(simulator.close)
  return simulator.endpoints[0]
}
const withoutTls = async () => wechatPay.endpoints[0].replace('http:', 'https:')
async function closedPort() {
  const server = createServer()
  const address = await listening(server)
  await new Promise((resolve) => server.close(resolve))
  return `http://${address}`
}

/** A server that gives every request this answer, unsigned. */
const answering =
  (status: number, headers: Record<string, string>, body: string | Buffer = '') =>
  async () =>
    `http://${await listening(createHttpServer((_, response) => response.writeHead(status, headers).end(body)))}`

const refusing = (status: number, code: string, message: string) =>
  answering(status, { 'Content-Type': 'application/json', 'Request-ID': 'R1-0' }, JSON.stringify({ code, message }))

const resettingTls = async () =>
  `https://${await listening(createServer((socket) => socket.on('data', () => socket.resetAndDestroy())))}`
async function wantingCertificate() {
  const options = { ...tls, requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' } as const
  const server = createTlsServer(options).on('tlsClientError', (_, socket) => socket.destroy())
  return `https://${await listening(server)}`
}

const TROUBLES: Trouble[] = [
  // The file itself
  { trouble: 'an empty secret', secret: () => '', check: 'JSON', says: /is empty/ },
  { trouble: 'not JSON', secret: () => '{"mchid": ', check: 'JSON', says: /not JSON/ },
  { trouble: 'a PEM file', secret: (s) => s.private_key, check: 'JSON', says: /is a private key, not the JSON/ },
  { trouble: 'JSON in a text', secret: (s) => JSON.stringify(JSON.stringify(s)), check: 'JSON', says: /object inside/ },
  { trouble: 'a list', secret: (s) => [s], check: 'JSON', says: /not an object/ },
  {
    trouble: 'bare line breaks in the JSON',
    secret: (s) => JSON.stringify(s).replaceAll('\\n', '\n'),
    check: 'JSON',
    says: /line break.*\\\\n/s,
  },

  // Its fields
  ...(
    ['mchid', 'certificate_serial_no', 'private_key', 'wechatpay_public_key_id', 'wechatpay_public_key'] as const
  ).map(
    (name): Trouble => ({
      trouble: `no ${name}`,
      secret: without(name),
      check: name,
      says: /is missing/,
    }),
  ),
  {
    trouble: 'two fields missing, one of them misspelt',
    secret: ({ mchid, private_key, ...rest }) => ({ ...rest, privateKey: private_key }),
    check: 'private_key',
    says: /is missing \(is privateKey meant\?\)/,
    skips: 'our signature',
  },
  {
    trouble: 'mchid as a number',
    secret: (s) => ({ ...s, mchid: Number(s.mchid) }),
    check: 'mchid',
    says: /must be text in quotes/,
  },
  {
    trouble: 'an empty field',
    secret: (s) => ({ ...s, private_key: ' ' }),
    check: 'private_key',
    says: /is empty/,
  },
  {
    trouble: 'the appid for mchid',
    secret: (s) => ({ ...s, mchid: 'wx0123456789abcdef' }),
    check: 'mchid',
    says: /is an appid/,
  },

  // Its keys
  {
    trouble: 'a public key in place of the private one',
    secret: (s) => ({ ...s, private_key: publicPem }),
    check: 'private_key',
    says: /is a public key/,
    skips: 'our signature',
  },
  {
    trouble: 'the certificate in place of the private key',
    secret: (s) => ({ ...s, private_key: tls.cert }),
    check: 'private_key',
    says: /is a certificate/,
  },
  {
    trouble: 'a cut private key',
    secret: (s) => ({ ...s, private_key: s.private_key.slice(0, 900) }),
    check: 'private_key',
    says: /no private key that can be read/,
  },
  {
    trouble: 'swapped keys',
    secret: (s) => ({ ...s, private_key: s.wechatpay_public_key, wechatpay_public_key: s.private_key }),
    check: 'wechatpay_public_key',
    says: /is a private key/,
  },
  {
    trouble: "the merchant's own public key for WeChat Pay's",
    secret: (s) => ({ ...s, wechatpay_public_key: ownPublicPem }),
    check: 'wechatpay_public_key',
    says: /the merchant's own public key/,
  },
  {
    trouble: "the merchant's own certificate for WeChat Pay's key",
    secret: (s) => ({ ...s, wechatpay_public_key: tls.cert }),
    check: 'wechatpay_public_key',
    says: /the merchant's own certificate/,
  },
  {
    trouble: 'a platform certificate in place of the public key',
    secret: (s) => ({ ...s, wechatpay_public_key: Object.values(s.other_wechatpay_keys)[0] }),
    check: 'wechatpay_public_key',
    says: /platform certificate with the serial [0-9A-F]{40}.*other_wechatpay_keys/s,
  },
  {
    trouble: 'other_wechatpay_keys as a text, as the console makes it',
    secret: (s) => ({ ...s, other_wechatpay_keys: JSON.stringify(s.other_wechatpay_keys) }),
    check: 'other_wechatpay_keys',
    says: /not an object/,
  },
  {
    trouble: 'a platform certificate under a wrong serial',
    secret: (s) => ({ ...s, other_wechatpay_keys: { [randomSerial()]: Object.values(s.other_wechatpay_keys)[0] } }),
    check: 'other_wechatpay_keys',
    says: /stands under/,
  },
  {
    trouble: 'the key id for the certificate serial',
    secret: (s) => ({ ...s, certificate_serial_no: s.wechatpay_public_key_id }),
    check: 'certificate_serial_no',
    says: /is WeChat Pay's public key id/,
  },
  {
    trouble: "the platform certificate's serial for the merchant's",
    secret: (s) => ({ ...s, certificate_serial_no: Object.keys(s.other_wechatpay_keys)[0] }),
    check: 'certificate_serial_no',
    says: /names a key of WeChat Pay/,
  },
  {
    trouble: 'the certificate serial for the key id',
    secret: (s) => ({ ...s, wechatpay_public_key_id: s.certificate_serial_no }),
    check: 'wechatpay_public_key_id',
    says: /the same as certificate_serial_no/,
  },

  {
    trouble: 'the APIv3 key for the certificate serial',
    secret: (s) => ({ ...s, certificate_serial_no: apiv3Key }),
    check: 'certificate_serial_no',
    says: /looks like the APIv3 key/,
  },
  {
    trouble: 'the APIv3 key for the key id',
    secret: (s) => ({ ...s, wechatpay_public_key_id: apiv3Key }),
    check: 'wechatpay_public_key_id',
    says: /looks like the APIv3 key/,
  },

  // The certificate at hand
  {
    trouble: 'a serial that is not the certificate’s',
    secret: (s) => ({ ...s, certificate_serial_no: randomSerial() }),
    certificate: (m) => certificateOf(m),
    check: 'certificate',
    says: /its serial is [0-9A-F]{40}.*into certificate_serial_no/s,
  },
  {
    trouble: 'a key that is not the certificate’s',
    secret: (s) => ({ ...s, private_key: otherPrivateKey.export({ type: 'pkcs8', format: 'pem' }) }),
    certificate: (m) => certificateOf(m),
    check: 'certificate',
    says: /private_key is not its key/,
  },
  {
    trouble: 'a certificate of another merchant',
    certificate: (m) => certificateOf(m, { commonName: '1555555555' }),
    check: 'certificate',
    says: /certificate of merchant 1555555555/,
  },
  {
    trouble: 'an expired certificate',
    certificate: (m) => certificateOf(m, { now: Date.now() - 6 * 365 * 86_400_000 }),
    check: 'certificate validity',
    says: /expired on \d{4}-/,
  },
  {
    trouble: 'the key file for the certificate',
    certificate: (m) => m.secret.private_key,
    check: 'certificate',
    says: /is a private key/,
  },

  // What WeChat Pay thinks of it
  {
    trouble: 'a serial WeChat Pay does not know',
    secret: (s) => ({ ...s, certificate_serial_no: randomSerial() }),
    check: 'our signature',
    says: /SIGN_ERROR.*knows no such certificate/s,
    skips: 'their signature',
  },
  {
    trouble: 'a key that does not belong to the serial',
    secret: (s) => ({ ...s, private_key: otherPrivateKey.export({ type: 'pkcs8', format: 'pem' }) }),
    check: 'our signature',
    says: /SIGN_ERROR.*private_key does not belong/s,
  },
  {
    trouble: 'key and serial of another merchant',
    secret: (s) => ({ ...s, mchid: '1666666666' }),
    check: 'our signature',
    says: /SIGN_ERROR.*another merchant/s,
  },
  {
    trouble: 'a wrong key id for the right key',
    secret: (s) => ({ ...s, wechatpay_public_key_id: 'PUB_KEY_ID_0000000000', other_wechatpay_keys: undefined }),
    check: 'their signature',
    says: /the key that would verify is [0-9A-F]{40}.*platform certificate.*Correct wechatpay_public_key_id/s,
  },
  {
    trouble: 'the right key under an id that the answers do not name',
    secret: (s) => ({
      ...s,
      wechatpay_public_key_id: 'PUB_KEY_ID_0000000000',
      wechatpay_public_key: publicPemOf(wechatPay.simulator.keys.current().platformCertificate.pem),
      other_wechatpay_keys: {},
    }),
    check: 'their signature',
    says: /under the wrong id PUB_KEY_ID_0000000000/,
  },
  {
    trouble: "somebody else's public key under WeChat Pay's id",
    secret: (s) => ({ ...s, wechatpay_public_key: publicPem }),
    check: 'their signature',
    says: /is not WeChat Pay's key PUB_KEY_ID_/,
  },
  {
    trouble: 'a key WeChat Pay signs with that the secret lacks',
    fault: 'unknown-serial',
    check: 'their signature',
    says: /the key that would verify is PUB_KEY_ID_\d+, which is not in the secret/,
  },
  {
    trouble: 'an unsigned 404',
    fault: 'unsigned-not-exist',
    check: 'unknown order',
    says: /unsigned: NOT_FOUND cannot be reached/,
  },
  { trouble: 'an unsigned answer', fault: 'unsigned', check: 'their signature', says: /unsigned/ },
  {
    trouble: 'an answer changed on the way',
    fault: 'tampered-body',
    check: 'their signature',
    says: /something in between changes/,
  },
  { trouble: 'a doubled header', fault: 'doubled-signature', check: 'their signature', says: /stands there twice/ },
  { trouble: 'an old answer', fault: 'stale-past', check: 'their signature', says: /old answer/ },
  { trouble: 'nothing but probes', fault: 'probe', check: 'their signature', says: /SIGNTEST/ },
  {
    trouble: 'no permission',
    fault: 'no-auth',
    check: 'permission',
    says: /NO_AUTH.*permission for pay-code/s,
    skips: 'unknown order',
  },
  { trouble: 'too many calls', fault: 'frequency-limited', check: 'answer', says: /429.*too many calls/s },
  { trouble: 'a code that explains nothing', fault: 'trade-error', check: 'permission', says: /TRADE_ERROR/ },
  {
    trouble: 'no permission, old spelling',
    fault: 'noauth',
    check: 'permission',
    says: /NOAUTH.*permission for pay-code/s,
  },
  {
    trouble: 'a merchant that does not exist',
    fault: 'mch-not-exists',
    check: 'permission',
    says: /knows no such merchant/,
  },
  {
    trouble: 'a merchant that is not under this service provider',
    subMchid: '1900999999',
    appid: 'wxd678efh567hg6787',
    check: 'reverse',
    says: /sub_mchid is no merchant under this service provider/,
  },
  {
    trouble: 'an appid of another merchant',
    appid: 'wx0000000000000000',
    check: 'reverse',
    says: /APPID_MCHID_NOT_MATCH.*not bound/s,
  },

  {
    trouble: 'a key id that WeChat Pay does not know, in its own words first',
    endpoints: refusing(400, 'PARAM_ERROR', '平台证书序列号Wechatpay-Serial错误'),
    check: 'permission',
    says: /"HTTP 400 PARAM_ERROR “平台证书序列号Wechatpay-Serial错误” \(Request-ID R1-0\), unverified: unsigned: .*wechatpay_public_key_id is wrong/,
  },
  {
    trouble: 'an Authorization header that was changed on the way',
    endpoints: refusing(401, 'SIGN_ERROR', 'Http头Authorization值格式错误'),
    check: 'our signature',
    says: /"HTTP 401 SIGN_ERROR “Http头Authorization值格式错误” .*did not reach it as it was sent/,
  },
  {
    trouble: 'a signature that WeChat Pay finds wrong, with what it names',
    secret: (s) => ({ ...s, private_key: otherPrivateKey.export({ type: 'pkcs8', format: 'pem' }) }),
    check: 'our signature',
    says: /错误的签名，验签失败 \[signature\].*Request-ID/,
  },

  // What lies in between
  {
    trouble: 'an answer that was compressed in spite of our wish',
    endpoints: answering(200, { 'Content-Encoding': 'gzip', 'Wechatpay-Signature': 'x' }, gzipSync('{}')),
    check: 'answer',
    says: /came compressed \(gzip\), though it was asked for uncompressed/,
    skips: 'their signature',
  },
  {
    trouble: 'APIv2',
    endpoints: answering(200, { 'Content-Type': 'text/xml' }, '<xml><return_code>FAIL</return_code></xml>'),
    check: 'answer',
    says: /XML, as APIv2 answers.*--endpoints/,
  },
  {
    trouble: 'a handshake that is reset',
    endpoints: resettingTls,
    check: 'connection and TLS',
    says: /no handshake \(ECONNRESET\): it was broken off/,
  },
  {
    trouble: 'a wish for a certificate of ours',
    endpoints: wantingCertificate,
    check: 'connection and TLS',
    says: /it wants a certificate of this client/,
  },
  {
    trouble: "a proxy's page",
    fault: 'proxy-page',
    check: 'answer',
    says: /HTTP 200.*HTML page/s,
    skips: 'our signature',
  },
  { trouble: 'a gateway page', fault: 'bad-gateway-page', check: 'answer', says: /HTTP 502.*HTML page/s },
  { trouble: 'a redirect', fault: 'redirect', check: 'answer', says: /redirect/ },
  { trouble: 'a flood', fault: 'huge-body', check: 'answer', says: /more than an answer can hold/ },
  { trouble: 'a reset', fault: 'reset', check: 'answer', says: /connection broke.*ECONNRESET/s },
  { trouble: 'WeChat Pay out of order', fault: 'service-unavailable', check: 'answer', says: /503.*out of order/s },
  { trouble: 'a silent server', endpoints: silent, check: 'answer', says: /silent server/, skips: 'clock' },
  { trouble: 'a silent TLS server', endpoints: silentTls, check: 'connection and TLS', says: /TLS: .*nothing is said/ },
  { trouble: 'nobody listening', endpoints: closedPort, check: 'connection', says: /ECONNREFUSED/, skips: 'answer' },
  {
    trouble: 'a certificate nobody trusts',
    endpoints: withTls,
    check: 'connection and TLS',
    says: /TLS: .*SELF_SIGNED.*WeChat Pay simulator/s,
  },
  { trouble: 'no TLS at all', endpoints: withoutTls, check: 'connection and TLS', says: /does not speak TLS/ },
  {
    trouble: 'a name nobody knows',
    endpoints: async () => 'https://wechatpay.invalid',
    check: 'name',
    says: /DNS: wechatpay\.invalid/,
    skips: 'connection and TLS',
  },
  {
    trouble: 'a clock far behind',
    endpoints: () => clockAhead(3600),
    check: 'clock',
    says: /36\d\d s behind|3599 s behind/,
  },
  { trouble: 'a clock far ahead', endpoints: () => clockAhead(-400), check: 'clock', says: /(39\d|40\d) s ahead of/ },
]

describe('doctor names each trouble, says what to do, and never shows a key', { concurrency: 3 }, () => {
  for (const { trouble, secret, fault, certificate, subMchid, appid, endpoints, check, says, skips } of TROUBLES) {
    test(trouble, async () => {
      const merchant = openMerchant()
      if (fault !== undefined) {
        wechatPay.simulator.faults.add({ fault, mchid: merchant.mchid, endpoint: 'query', times: 'always' })
      }
      const made = secret === undefined ? merchant.secret : secret(merchant.secret, merchant)
      const { ok, checks, text } = await examine(made, {
        timeoutMs: 400,
        ...(endpoints && { endpoints: await endpoints() }),
        ...(certificate && { certificate: certificate(merchant) }),
        ...(subMchid && { subMchid }),
        ...(appid && { appid }),
      })

      assert.equal(ok, false)
      const named = checks.filter(({ status }) => status === 'failed')
      const found = named.find((one) => one.check === check)
      assert.ok(found, `${check} should have failed, not ${JSON.stringify(named)}`)
      assert.match(JSON.stringify(found), says)
      assert.ok(found.fix, 'a failure says what to do')
      if (skips !== undefined) assert.equal(checks.find((one) => one.check === skips)?.status, 'skipped')
      assertShowsNoKey(text)
    })
  }
})

function assertShowsNoKey(text: string) {
  const keys = [privateKey, otherPrivateKey].map((key) =>
    key.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
  )
  for (const key of keys) assert.ok(!text.includes(key.slice(60, 90)) && !text.includes(key.slice(-90, -60)))
  assert.doesNotMatch(text, /BEGIN|WECHATPAY2|S3cret/)
}

describe('doctor finds health', { concurrency: 3 }, () => {
  test('at both domains, with every line ok', async () => {
    const merchant = openMerchant()
    const { ok, checks, text } = await examine(merchant.secret, {
      endpoints: wechatPay.endpoints.join(),
      appid: merchant.appid,
      certificate: certificateOf(merchant, { commonName: merchant.mchid }),
    })
    assert.equal(ok, true)
    assert.deepEqual(
      checks.filter(({ status }) => status !== 'ok'),
      [],
    )
    assert.deepEqual([...new Set(checks.map(({ at }) => at))], ['The secret', ...wechatPay.endpoints])
    assert.ok(checks.every(({ ms }) => Number.isInteger(ms)))
    assertShowsNoKey(text)
  })

  test('as a service provider, for a merchant under it', async () => {
    const { secret, mchid, appid } = openMerchant()
    wechatPay.simulator.addSubMerchant({ sp_mchid: mchid, sub_mchid: '1900000109' })
    const { checks } = await examine(secret, { subMchid: '1900000109', appid })
    for (const check of ['permission', 'unknown order', 'reverse']) {
      assert.equal(checks.find((one) => one.check === check)?.status, 'ok', check)
    }
  })

  test('with a warning, where WeChat Pay signs with another key than it is asked for', async () => {
    const { secret } = openMerchant()
    const wrongId = { ...secret, wechatpay_public_key_id: 'PUB_KEY_ID_0000000000' }
    const { ok, checks, text } = await examine(wrongId)
    assert.equal(ok, true)
    const { status, detail, fix } = checks.find(({ check }) => check === 'their signature')!
    assert.equal(status, 'warning')
    assert.match(
      detail,
      /verifies with [0-9A-F]{40}, another key .* than wechatpay_public_key_id PUB_KEY_ID_0000000000/,
    )
    assert.match(fix!, /Correct wechatpay_public_key_id and see that public keys are enabled/)
    assertShowsNoKey(text)
    const told = await runInShared('doctor', [
      ...['--merchant', file('wrong-id.json', wrongId), '--endpoints', wechatPay.endpoints[0]],
    ])
    assert.match(told.stdout, /Healthy, with 1 warning:/)
  })

  test('with a platform certificate alone, asked for by its serial', async () => {
    const { secret } = openMerchant()
    const [serial, pem] = Object.entries(secret.other_wechatpay_keys)[0]!
    const { checks } = await examine({
      ...secret,
      ...{ wechatpay_public_key_id: serial.toLowerCase(), wechatpay_public_key: pem, other_wechatpay_keys: undefined },
    })
    assert.equal(checks.find(({ check }) => check === 'their signature')?.status, 'ok')
  })

  const SHAPES: Record<string, (pem: string) => string> = {
    'spaces for line breaks': (pem) => pem.replaceAll('\n', ' '),
    'literal \\n': (pem) => pem.replaceAll('\n', '\\n'),
    'bare base64': (pem) => pem.replace(/-----[^-]+-----|\s/g, ''),
  }
  for (const [shape, reshape] of Object.entries(SHAPES)) {
    test(`in a PEM written with ${shape}, and says that it is odd`, async () => {
      const { secret } = openMerchant()
      const made = { ...secret, private_key: reshape(secret.private_key) }
      const { ok, checks } = await examine(made)
      assert.equal(ok, true)
      assert.match(
        checks.find(({ check }) => check === 'private_key')!.detail,
        /is not written as in a PEM file, but legible/,
      )
    })
  }

  test('over TLS with a certificate the machine was told to trust', async () => {
    const endpoint = await withTls()
    const { secret } = openMerchant()
    const trusted = { NODE_EXTRA_CA_CERTS: file('ca.pem', tls.cert) }
    const args = ['--merchant', file('trusted.json', secret), '--endpoints', endpoint, '--json']
    const { checks } = JSON.parse((await runCommand('doctor', args, trusted)).stdout) as Doctored
    assert.match(checks.find(({ check }) => check === 'connection and TLS')!.detail, /TLSv1\.[23]/)
  })

  test('behind a wrong clock, once the time is put right', async () => {
    const { secret } = openMerchant()
    const { checks } = await examine(secret, { endpoints: await clockAhead(1800) })
    const failed = checks.filter(({ status }) => status === 'failed')
    assert.deepEqual(
      failed.map(({ check }) => check),
      ['clock'],
    )
    assert.match(checks.find(({ check }) => check === 'our signature')!.detail, /once the time is put right/)
  })

  test('offline, asking nobody', async () => {
    const args = ['--merchant', file('offline.json', openMerchant().secret), '--endpoints', 'https://wechatpay.invalid']
    const { stdout, code } = await runInShared('doctor', [...args, '--offline', '--json'])
    const { ok, checks } = JSON.parse(stdout) as Doctored
    assert.equal(code, 0)
    assert.equal(ok, true)
    assert.ok(checks.every(({ at }) => at === 'The secret'))
  })

  test('for people: a mark, a time and a fix on each line, without colours where there is no terminal', async () => {
    const { secret } = openMerchant()
    const broken = file('broken.json', { ...secret, private_key: publicPem })
    const args = ['--merchant', broken, '--endpoints', wechatPay.endpoints[0]]
    const { code, stdout } = await runCommand('doctor', args)
    assert.equal(code, 1)
    assert.match(stdout, /^ {2}✔ mchid +\d+ ms {2}\d+$/m)
    assert.match(stdout, /^ {2}✘ private_key +\d+ ms {2}is a public key\n +→ Put the private key here/m)
    assert.match(stdout, /^ {2}– our signature +0 ms {2}skipped: mchid, certificate_serial_no or private_key/m)
    assert.match(stdout, /1 failed/)
    assert.ok(!stdout.includes('\u001b'))
    const coloured = await runCommand('doctor', args, { FORCE_COLOR: '1' })
    assert.ok(coloured.stdout.includes('\u001b[31m✘'))
  })
})

describe('doctor helps', { concurrency: 3 }, () => {
  const says = async (args: string[], expected: RegExp, env: Record<string, string> = {}) => {
    const { code, stderr, stdout } = await runCommand('doctor', args, env)
    assert.match(stderr + stdout, expected)
    assert.doesNotMatch(stderr + stdout, /\n\s+at /)
    return code
  }

  test('--help shows every option and examples', async () => {
    assert.equal(
      await says(['--help'], /--merchant <file or secret>[\s\S]*Examples:[\s\S]*npm run doctor -- --merchant/),
      0,
    )
  })
  test('a typo gets its nearest option', async () => {
    assert.equal(await says(['--merchnat', 'x'], /Did you mean --merchant\?/), 1)
  })
  test('a missing option is named', async () => {
    assert.equal(await says([], /required option '-m, --merchant <file or secret>'/), 1)
  })
  test('options that npm kept for itself are noticed', async () => {
    assert.equal(
      await says([], /npm kept --merchant.*\n.*npm run doctor -- --merchant/, { npm_config_merchant: 'x' }),
      1,
    )
  })
  test('an address that is none is refused with an example', async () => {
    assert.equal(await says(['-m', 'x.json', '--endpoints', 'http://example.com'], /must begin with https/), 1)
  })
  test('a file that is not there is told apart from a secret, in one line, and nobody is asked', async () => {
    const { stdout, code } = await runInShared('doctor', ['-m', 'x.json', '--json'])
    const { checks } = JSON.parse(stdout) as Doctored
    assert.equal(code, 1)
    assert.match(checks[0]!.detail, /there is no file x\.json/)
    assert.equal(checks.length, 1)
  })
  test('a network that only lets its proxy out is thought of', async () => {
    const args = ['-m', file('proxied.json', openMerchant().secret), '--endpoints', await closedPort()]
    assert.equal(await says(args, /HTTPS_PROXY is set: perhaps/, { HTTPS_PROXY: 'http://proxy.example:3128' }), 1)
  })
  test('a reader that stops early, as head does, is no error', async () => {
    const { child, ended } = startCommand('doctor', ['-m', file('early.json', openMerchant().secret), '--offline'])
    child.stdout.destroy()
    assert.equal((await ended).stderr, '')
  })
  test('the JSON itself in place of its file is not repeated', async () => {
    const json = JSON.stringify({ private_key: 'S3cret' })
    const { stdout, stderr } = await runCommand('doctor', ['--merchant', json, '--offline'])
    assert.match(stdout, /the JSON itself was given/)
    assert.doesNotMatch(stdout + stderr, /S3cret/)
  })
  test('a secret without an AWS account at hand says what to do', async () => {
    assert.equal(await says(['-m', 'prod/wechatpay', '--offline'], /no AWS region.*\n.*AWS_REGION/), 1)
    const region = { AWS_REGION: 'us-east-1' }
    assert.equal(await says(['-m', 'prod/wechatpay', '--offline'], /no AWS credentials.*[\s\S]*AWS_PROFILE/, region), 1)
  })
})
