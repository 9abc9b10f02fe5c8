// `npm run secret`: from the files the merchant platform gives, the secret's JSON, checked, and put where it belongs.
import { writeFile } from 'node:fs/promises'
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { type Endpoint, isLoopback } from '../lib/wechatpay/endpoints.ts'
import { readMerchant } from '../lib/wechatpay/merchant.ts'
import { MERCHANT_NUMBER } from '../lib/wechatpay/order-id.ts'
import { type PublicKey, readPrivateKey, readPublicKey } from '../lib/wechatpay/pem.ts'
import { ENDPOINTS } from '../lib/wechatpay/secret-fields.ts'
import { isSameId, showId } from '../lib/wechatpay/serial.ts'
import { isOfSandbox, mchidOf, readOwnCertificate, serialOf } from './operator/checks/certificate.ts'
import { createChecklist, createPrinter } from './operator/checks/checklist.ts'
import { checkSecret } from './operator/checks/secret.ts'
import { checkWechatPay } from './operator/checks/wechatpay.ts'
import { createCommand, run } from './operator/command.ts'
import { confirm } from './operator/confirm.ts'
import { Failure } from './operator/failure.ts'
import { pathOf, readText } from './operator/files.ts'
import { collectKeys } from './operator/keys-option.ts'
import { endpointsOption, wechatPaySettings } from './operator/merchant.ts'
import {
  type MerchantSecretRules,
  protectMerchantSecrets,
  putMerchantSecret,
  rulesOf,
} from './operator/merchant-secret.ts'
import { paint } from './operator/paint.ts'
import { readSecret, secretsClient } from './operator/secrets.ts'
import { readOutputs, regionOption, useRegion } from './operator/stack.ts'
import { text } from './texts/secret.ts'

interface Options {
  privateKey: string
  certificate: string
  wechatpayKey: string
  wechatpayKeyId: string
  otherKey: Record<string, string>
  mchid?: string
  stage?: string
  region?: string
  protect?: true
  secret?: string
  new?: true
  kmsKey?: string
  out?: string
  endpoints?: string
  dryRun?: true
  offline?: true
  yes?: true
}

const examples = [
  ['--wechatpay-key-id PUB_KEY_ID_… --dry-run', text.examples.dryRun],
  ['--wechatpay-key-id PUB_KEY_ID_… --stage prod', text.examples.stage],
  ['--stage prod --protect', text.examples.protect],
  ['--wechatpay-key-id PUB_KEY_ID_… --other-key 5157F09E…=wechatpay_cert.pem --out merchant.json', text.examples.out],
] as const

const command = createCommand('secret', text.description, examples)
  .option('--private-key <file>', text.privateKey, 'apiclient_key.pem')
  .option('--certificate <file>', text.certificate, 'apiclient_cert.pem')
  .option('--wechatpay-key <file>', text.wechatpayKey, 'pub_key.pem')
  .option('--wechatpay-key-id <id>', text.wechatpayKeyId)
  .option('--other-key <id=file>', text.otherKey, collectKeys('--other-key'), {})
  .option('--mchid <mchid>', text.mchid)
  .option('--stage <name>', text.stage)
  .addOption(regionOption())
  .option('--protect', text.protect)
  .option('--secret <name or ARN>', text.secret)
  .option('--new', text.new)
  .option('--kms-key <id or ARN>', text.kmsKey)
  .option('--out <file>', text.out)
  .option('--dry-run', text.dryRun)
  .option('--offline', text.offline)
  .addOption(endpointsOption())
  .option('-y, --yes', text.yes)
  .action(secret)

async function secret(given: Options) {
  if (given.protect) return await protectAll(given)
  if (given.wechatpayKeyId === undefined) {
    throw new Failure(text.noKeyId, text.giveKeyId)
  }
  const pem = await readText(given.certificate, '--certificate')
  const sandbox = sandboxOf(given, pem)
  const rules = await deploymentOf(given)
  const options = rules === undefined ? given : { ...given, secret: `${rules.prefix}/${mchidFor(given, pem)}` }
  const settings = wechatPaySettings(options.endpoints, { sandbox })
  const present = options.secret === undefined ? {} : await presentKeysOf(options.secret)
  const replaced = [options.wechatpayKeyId, ...Object.keys(options.otherKey)]
  const kept = Object.entries(present ?? {}).filter(([id]) => !replaced.some((other) => isSameId(id, other)))
  const json = JSON.stringify(
    { ...(await fieldsOf(options, pem, Object.fromEntries(kept))), ...belongsTo(sandbox) },
    null,
    2,
  )

  const list = createChecklist(createPrinter((line) => console.log(line)))
  const { signer } = checkSecret(list, json, pem)!
  if (!options.offline) await checkWechatPay(list, { ...settings, signer })
  if (!list.isHealthy()) {
    throw new Failure(text.notInOrder, text.putRight)
  }
  if (options.out === undefined && options.secret === undefined && !options.dryRun) {
    throw new Failure(text.noPlace, text.givePlace)
  }
  console.log('')
  if (options.out !== undefined) await toFile(json, options.out, options)
  if (options.secret !== undefined) {
    const takenOver = kept.length > 0 ? text.takenOver(kept.map(([id]) => showId(id))) : ''
    const aboutOtherKeys = present === undefined ? paint.warning(text.notTakenOver) : takenOver
    await toSecretsManager(json, options.secret, aboutOtherKeys, options, rules)
  }
  if (options.dryRun) console.log(paint.ok(text.nothingWritten))
}

/**
 * The sandbox that the files are of; undefined when they are WeChat Pay's.
 *
 * @throws Failure where a command given by mistake would let its merchant out of this machine
 */
function sandboxOf(
  { certificate: file, endpoints, stage, secret }: Options,
  pem: string,
): readonly Endpoint[] | undefined {
  const { certificate } = readOwnCertificate(pem)
  if (certificate === undefined || !isOfSandbox(certificate)) return undefined
  const sandbox = endpoints === undefined ? [] : wechatPaySettings(endpoints, undefined).endpoints
  if (sandbox.length === 0 || !sandbox.every(isLoopback)) {
    throw new Failure(text.ofSandbox(file), text.giveEndpoints)
  }
  if ((stage !== undefined || secret !== undefined) && !isAwsHere()) {
    throw new Failure(text.sandboxStaysHere(file), text.giveToLocal)
  }
  return sandbox
}

const belongsTo = (sandbox: readonly Endpoint[] | undefined) =>
  sandbox && { [ENDPOINTS]: sandbox.map(({ origin }) => origin) }

/** Do the shell's settings lead to an AWS of this machine? */
function isAwsHere({ AWS_ENDPOINT_URL_SECRETS_MANAGER, AWS_ENDPOINT_URL } = process.env): boolean {
  const url = URL.parse(AWS_ENDPOINT_URL_SECRETS_MANAGER ?? AWS_ENDPOINT_URL ?? '')
  return url !== null && isLoopback({ hostname: url.hostname.replace(/^\[|\]$/g, '') })
}

/** How the deployment that is meant keeps its secrets; undefined when none is. */
async function deploymentOf({ stage, region, secret }: Options): Promise<MerchantSecretRules | undefined> {
  if (stage === undefined) return undefined
  if (secret !== undefined) throw new Failure(text.twoPlaces, text.giveOne)
  useRegion({ region })
  return rulesOf(await readOutputs({ stage }), stage)
}

/** The merchant's number, as the name of its secret. */
function mchidFor({ mchid }: Options, pem: string): string {
  const { certificate } = readOwnCertificate(pem)
  const number = mchid ?? (certificate && mchidOf(certificate))
  if (number !== undefined && MERCHANT_NUMBER.test(number)) return number
  throw new Failure(text.noMchid, text.giveMchid)
}

async function protectAll(options: Options) {
  const rules = await deploymentOf(options)
  if (rules === undefined) throw new Failure(text.whichStage, text.giveStage)
  const client = secretsClient(rules.prefix)
  try {
    await confirm(text.askProtect(rules.readers.length, rules.prefix), options.yes)
    const names = await protectMerchantSecrets(client, rules)
    for (const name of names) console.log(name)
    console.log(paint.ok(text.protected(names.length)))
  } finally {
    client.destroy()
  }
}

/** WeChat Pay's keys in the secret's present version: proofs on their way are signed by them. Undefined when nobody here can read it. */
async function presentKeysOf(name: string): Promise<Record<string, string> | undefined> {
  let text: string
  try {
    text = await readSecret(name)
  } catch (error) {
    switch (((error as Error).cause as Error | undefined)?.name) {
      case 'ResourceNotFoundException':
        return {}
      case 'AccessDeniedException': // the stack's policy denies it to people
      case 'DecryptionFailure':
        return undefined
      default:
        throw error
    }
  }
  const { merchant, read } = readMerchant(text)
  if (merchant === undefined) return undefined
  const keys = [...read.others, { id: merchant.wechatpayPublicKeyId, ...read.keyOfId! }]
  return Object.fromEntries(keys.map(({ id, ...key }) => [id, pemOf(key)]))
}

/** The secret's fields. What cannot be read stays as it is: the checklist says what is wrong with it. */
async function fieldsOf(options: Options, certificatePem: string, kept: Record<string, string>) {
  const { certificate, finding } = readOwnCertificate(certificatePem)
  if (certificate === undefined) throw new Failure(text.wrongFile(options.certificate, finding!.detail), finding!.fix)
  const mchid = options.mchid ?? mchidOf(certificate)
  if (mchid === undefined) throw new Failure(text.noMchid, text.giveMchid)
  const given = Object.entries(options.otherKey).map(async ([id, file]) => [
    id,
    tidy(await readText(file, '--other-key'), publicPem),
  ])
  const others = { ...kept, ...Object.fromEntries(await Promise.all(given)) }
  return {
    mchid,
    certificate_serial_no: serialOf(certificate),
    private_key: tidy(await readText(options.privateKey, '--private-key'), privatePem),
    wechatpay_public_key_id: options.wechatpayKeyId,
    wechatpay_public_key: tidy(await readText(options.wechatpayKey, '--wechatpay-key'), publicPem),
    ...(Object.keys(others).length > 0 && { other_wechatpay_keys: others }),
  }
}

function tidy(pem: string, write: (pem: string) => string): string {
  try {
    return write(pem)
  } catch {
    return pem
  }
}

const privatePem = (pem: string) => readPrivateKey(pem).export({ type: 'pkcs8', format: 'pem' }) as string

const publicPem = (pem: string) => pemOf(readPublicKey(pem))

const pemOf = ({ key, certificate }: PublicKey) => `${certificate ?? key.export({ type: 'spki', format: 'pem' })}`

async function toFile(json: string, out: string, { dryRun }: Options) {
  if (dryRun) return console.log(text.wouldWrite(out))
  await writeFile(pathOf(out), `${json}\n`, { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    const next = error.code === 'EEXIST' ? text.otherName : text.lookAtFolder
    throw new Failure(text.notWritten(out, String(error.code)), next)
  })
  console.log(paint.ok(text.wrote(out)))
}

async function toSecretsManager(
  json: string,
  name: string,
  aboutOtherKeys: string,
  { dryRun, yes, kmsKey, new: mayCreate }: Options,
  rules: MerchantSecretRules | undefined,
) {
  const client = secretsClient(name)
  try {
    const isThere = await exists(client, name)
    if (!isThere && rules === undefined && !mayCreate) {
      throw new Failure(text.noSecret(name), text.createIt)
    }
    const what = isThere ? text.newVersion(name) : text.newSecret(name)
    if (isThere && aboutOtherKeys) console.log(aboutOtherKeys)
    if (dryRun) return console.log(text.wouldPut(what))
    await confirm(text.askPut(what), yes)
    if (rules !== undefined) {
      const version = await putMerchantSecret(client, rules, name, json, isThere)
      console.log(paint.ok(text.put(what, String(version))))
      return console.log(isThere ? text.servedLater : text.servedSoon)
    }
    const { VersionId } = isThere
      ? await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: json }))
      : await client.send(
          new CreateSecretCommand({ Name: name, SecretString: json, ...(kmsKey && { KmsKeyId: kmsKey }) }),
        )
    console.log(paint.ok(text.put(what, String(VersionId))))
    console.log(isThere ? text.readLater : text.readByNobody)
  } finally {
    client.destroy()
  }
}

async function exists(client: SecretsManagerClient, SecretId: string): Promise<boolean> {
  try {
    await client.send(new DescribeSecretCommand({ SecretId }))
    return true
  } catch (error) {
    if ((error as Error).name !== 'ResourceNotFoundException') throw error
    if (!SecretId.startsWith('arn:')) return false
    throw new Failure(text.noSecret(SecretId), text.lookAtArn)
  }
}

await run(command)
