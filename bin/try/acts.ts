import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import type { Said } from '../../infra/local/page/parts.ts'
import { signerOf } from '../../lib/wechatpay/order-id.ts'
import { inChina, inUnits, readMoment } from '../operator/china-time.ts'
import { Failure } from '../operator/failure.ts'
import { clockOf } from '../operator/local-clock.ts'
import { inBooks, problemsOf } from '../start/runs.ts'
import { shellOf, type Way, ways } from '../start/ways.ts'
import { text } from '../texts/try.ts'
import { type Act, messageIn, partOf, type Scene, timelineOf, until } from './scene.ts'

const pathOf = ({ order }: Scene) => `/orders/${signerOf(order)}/${order.out_trade_no}`

/** In fen. */
export const TOTAL = 8_800

/** The order stands at WeChat Pay; faults wait for its calls. */
export const place =
  (state: 'SUCCESS' | 'NOTPAY', faults: readonly object[] = []): Act =>
  async (scene) => {
    const { stage, order, undo } = scene
    const { sub_mchid } = order
    if (faults.length > 0) {
      undo.push(() => stage.control('DELETE', `/plans?${new URLSearchParams({ out_trade_no: order.out_trade_no })}`))
    }
    await stage.control('PUT', pathOf(scene), { state, total: TOTAL, faults, ...(sub_mchid && { sub_mchid }) })
    await until(scene, text.never.placed, () => partOf(scene)?.ledger ?? undefined)
  }

/** It is sent to the service; what becomes of it is waited for later. */
export const send =
  (name: Way['name']): Act =>
  async (scene) => {
    const { stage, order } = scene
    const way = ways.find((one) => one.name === name)!
    scene.tell(text.sent[name])
    scene.ended = way.run(stage.doors, order, scene.signal)
    // Whoever waits for it is told; until then nobody else need be.
    scene.ended.catch(() => {})
  }

/** The service has tried, does not know yet, and has put it off. */
export const waits: Act = (scene) =>
  until(scene, text.never.waits, () => {
    const hasTried = timelineOf(scene).some((entry) => entry.kind === 'said' && isPutOff(entry))
    const message = messageIn(scene, 'queue')
    if (!hasTried || message?.visibleAtMs == null) return undefined
    // While it is worked on it is hidden, too, for longer.
    return message.visibleAtMs - scene.stage.now() <= MOST_BACK_OFF_MS ? true : undefined
  })

const isPutOff = ({ outcome, error }: Said) => outcome === 'PENDING' || error === 'CredentialsUnavailable'

/** Of the first tries. */
const MOST_BACK_OFF_MS = 15_000

/** The clock goes forward to the next try. */
export const nextTry: Act = async (scene) => {
  const at = messageIn(scene, 'queue')?.visibleAtMs ?? scene.stage.now()
  await forward(scene, Math.max(1, Math.ceil((at - scene.stage.now()) / 1000)))
}

const DAY_SECONDS = 86_400
export const days =
  (count: number): Act =>
  (scene) =>
    forward(scene, count * DAY_SECONDS)

/** To when the bill of today is there, and the night's settlement runs. */
export const toTheBill: Act = (scene) => {
  const nowMs = scene.stage.now()
  return forward(scene, Math.ceil((readMoment('tomorrow 10:15', nowMs)! - nowMs) / 1000))
}

async function forward(scene: Scene, seconds: number) {
  const { now } = await clockOf(scene.stage.control, 'stack').forward(seconds)
  scene.tell(text.forward(inUnits(seconds * 1000), inChina(Date.parse(now))))
  await until(scene, text.never.forward, () => (scene.stage.now() >= Date.parse(now) - 1_000 ? true : undefined))
}

/** WeChat Pay is gone, both domains of it. */
export const down: Act = async ({ stage, tell, undo }) => {
  const domains = await stage.control<{ host: string; state: string }[]>('GET', '/domains')
  for (const { host, state } of domains) {
    undo.push(() => stage.control('PUT', `/domains/${host}`, { state }))
    await stage.control('PUT', `/domains/${host}`, { state: 'refuse' })
  }
  tell(text.down)
}

export const up: Act = async ({ stage, tell }) => {
  for (const host of ['main', 'backup']) await stage.control('PUT', `/domains/${host}`, { state: 'up' })
  tell(text.up)
}

/** The payment that nobody waited for reaches WeChat Pay. */
export const paysLate: Act = async (scene) => {
  scene.tell(text.paysLate)
  await place('SUCCESS')(scene)
}

interface Keys {
  current: { public_key: string }
  keys: { id: string; pem: string }[]
}

/** WeChat Pay signs with a key that the merchant was not given. */
export const newWechatPayKey: Act = async ({ stage: { control }, tell, undo }) => {
  const { current: before } = await control<Keys>('GET', '/keys')
  const { current } = await control<Keys>('POST', '/keys', { kind: 'public key' })
  undo.push(async () => {
    await control('PUT', '/keys/answer-with', { id: null })
    await control('POST', '/keys', { kind: 'public key', id: before.public_key })
    await control('DELETE', `/keys/${current.public_key}`)
  })
  await control('PUT', '/keys/answer-with', { id: current.public_key })
  tell(text.newWechatPayKey)
}

/** The merchant adds it to the secret. */
export const addWechatPayKey: Act = async (scene) => {
  const { current, keys } = await scene.stage.control<Keys>('GET', '/keys')
  const { id, pem } = keys.find((key) => key.id === current.public_key)!
  await changeSecret(scene, (secret) => ({
    ...secret,
    other_wechatpay_keys: { ...(secret.other_wechatpay_keys as object), [id]: pem },
  }))
  scene.stage.learn(id, pem)
  scene.tell(text.addWechatPayKey)
}

/** WeChat Pay takes nothing any more that is signed with the merchant's certificate. */
export const revokeCertificate: Act = async ({ stage, tell, undo }) => {
  const { control, merchant } = stage
  const { certificate_serial_no, private_key } = await secretOf(stage)
  const public_key = createPublicKey(private_key).export({ type: 'spki', format: 'pem' })
  undo.push(() => control('POST', '/merchants', { ...merchant, certificate_serial_no, public_key }))
  await control('DELETE', `/merchants/${merchant.mchid}/certificates/${certificate_serial_no}`)
  tell(text.revokeCertificate)
}

/** The merchant applies for a new one, and puts it into the secret. */
export const newCertificate: Act = async (scene) => {
  const { control, merchant } = scene.stage
  const { privateKey, publicKey: public_key } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const certificate_serial_no = `5${randomBytes(20).toString('hex').toUpperCase().slice(1)}`
  // It stays good beside the old one: functions that have read it go on with it for minutes.
  await control('POST', '/merchants', { ...merchant, certificate_serial_no, public_key })
  await changeSecret(scene, (secret) => ({ ...secret, certificate_serial_no, private_key: privateKey }))
  scene.tell(text.newCertificate)
}

async function changeSecret({ stage, undo }: Scene, change: (secret: Secret) => object) {
  const put = (secret: object) =>
    withSecrets(stage, (client, SecretId) =>
      client.send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(secret) })),
    )
  const before = await secretOf(stage)
  undo.push(() => put(before))
  await put(change(before))
}

type Secret = Record<string, unknown> & { certificate_serial_no: string; private_key: string }

/** What the stack's merchant has in Secrets Manager; where its functions alone may read that, what it had at the start. */
async function secretOf(stage: Scene['stage']): Promise<Secret> {
  const { SecretString } = await withSecrets(stage, (client, SecretId) =>
    client.send(new GetSecretValueCommand({ SecretId })).catch(() => ({ SecretString: undefined })),
  )
  const json = SecretString ?? (await readFile(stage.local.merchantFile, 'utf8'))
  const { wechatpay_endpoints: _, ...secret } = JSON.parse(json)
  return secret
}

async function withSecrets<T>(
  { local, merchant }: Scene['stage'],
  work: (client: SecretsManagerClient, secretId: string) => Promise<T>,
): Promise<T> {
  const client = new SecretsManagerClient(shellOf(local))
  try {
    return await work(client, `${local.outputs.MerchantSecretPrefix}/${merchant.mchid}`)
  } finally {
    client.destroy()
  }
}

/** The end that was promised: an outcome, proved, and WeChat Pay's books agree. */
export const ends =
  (outcome: 'REFUNDED' | 'REVERSED'): Act =>
  async (scene) => {
    const ended = scene.ended!.then(
      (reversal) => ({ reversal }),
      (error: Error) => ({ error }),
    )
    const result = await settled(scene, ended, text.never.ends(outcome))
    if ('error' in result) throw new Failure(`${text.never.ends(outcome)}: ${result.error.message}`)
    const { request_id } = result.reversal
    scene.proof = text.proof(String(result.reversal.evidence.length))
    const problems = await problemsOf(scene.stage, outcome, result.reversal)
    if (problems.length > 0) throw new Failure(problems.join('; '))
    await until(scene, text.never.ends(outcome), () =>
      timelineOf(scene).find((entry) => entry.kind === 'call' && entry.answer.request_id === request_id),
    )
  }

/** The end that was promised: a person gets it, with the reason; the customer is still charged. */
export const fails =
  (error: 'ReversalRejected' | 'ReversalExpired'): Act =>
  async (scene) => {
    const letter = await until(scene, text.never.fails(error), () => messageIn(scene, 'deadLetters'))
    if (letter.error !== error) throw new Failure(text.otherError(error, `${letter.error}: ${letter.detail}`))
    const { charged, refunded } = await inBooks(scene.stage.control, {
      mchid: signerOf(scene.order),
      out_trade_no: scene.order.out_trade_no,
    })
    if (charged.count - refunded.count !== 1) throw new Failure(text.notCharged)
    scene.reason = letter.detail ?? undefined
    scene.tell(text.deadLetter)
  }

/** The day after: what the bill says of it. */
export const settles =
  (settlement: 'NEVER_PAID' | 'REFUNDED'): Act =>
  async (scene) => {
    const event = await until(scene, text.never.settles(settlement), () =>
      timelineOf(scene)
        .filter((entry) => entry.kind === 'event')
        .find(({ type }) => type === 'Reversal Settled'),
    )
    if (event.outcome !== settlement) throw new Failure(text.otherSettlement(settlement, String(event.outcome)))
  }

/** What is promised, in time; ended by Ctrl-C, too. */
async function settled<T extends object>(scene: Scene, promise: Promise<T>, what: string): Promise<T> {
  let result: T | undefined
  void promise.then((value) => {
    result = value
  })
  return until(scene, what, () => result)
}
