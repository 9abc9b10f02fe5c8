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
import { readOutputs, useRegion } from './operator/stack.ts'

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
  [
    '--wechatpay-key-id PUB_KEY_ID_… --dry-run',
    'what it would be, and whether it works, from the files in this folder',
  ],
  ['--wechatpay-key-id PUB_KEY_ID_… --stage prod', 'add the merchant to a deployment, or give it a new key'],
  ['--stage prod --protect', "give every merchant's secret of a deployment the policy that only its readers read it"],
  [
    '--wechatpay-key-id PUB_KEY_ID_… --other-key 5157F09E…=wechatpay_cert.pem --out merchant.json',
    'write it to a file',
  ],
] as const

const command = createCommand('secret', "Makes a merchant's secret from the merchant platform's files.", examples)
  .option('--private-key <file>', "the merchant's private key", 'apiclient_key.pem')
  .option('--certificate <file>', "the merchant's certificate: gives serial and mchid", 'apiclient_cert.pem')
  .option('--wechatpay-key <file>', "WeChat Pay's public key", 'pub_key.pem')
  .option('--wechatpay-key-id <id>', 'its id, PUB_KEY_ID_…')
  .option(
    '--other-key <id=file>',
    'a further key of WeChat Pay, while keys change (may be repeated)',
    collectKeys('--other-key'),
    {},
  )
  .option('--mchid <mchid>', 'the merchant number, where the certificate does not tell')
  .option('--stage <name>', 'the deployment to put the merchant into, under its mchid; no deploy is needed')
  .option('--region <region>', 'its AWS region (default: that of the shell, else ap-southeast-1)')
  .option('--protect', 'only give every secret of the deployment its policy; no file is read')
  .option('--secret <name or ARN>', 'another secret in Secrets Manager to update')
  .option('--new', 'create the secret of that name')
  .option('--kms-key <id or ARN>', 'the KMS key of a secret that is created')
  .option('--out <file>', 'a new file to write the JSON to, readable by you alone')
  .option('--dry-run', 'check and show, write nothing')
  .option('--offline', 'do not ask WeChat Pay whether it works')
  .addOption(endpointsOption())
  .option('-y, --yes', 'do not ask before writing; a script needs it')
  .action(secret)

async function secret(given: Options) {
  if (given.protect) return await protectAll(given)
  if (given.wechatpayKeyId === undefined) {
    throw new Failure(
      '--wechatpay-key-id is missing',
      'It stands beside the public key on the merchant platform: PUB_KEY_ID_…',
    )
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
    const next = 'Put right what failed. Where WeChat Pay cannot be reached from here: --offline'
    throw new Failure('nothing was written, because not everything is in order', next)
  }
  if (options.out === undefined && options.secret === undefined && !options.dryRun) {
    throw new Failure(
      'nothing was written',
      'Say where to: --stage <name>, --secret <name or ARN>, --out <file>, or --dry-run',
    )
  }
  console.log('')
  if (options.out !== undefined) await toFile(json, options.out, options)
  if (options.secret !== undefined) {
    const ids = kept.map(([id]) => showId(id)).join(', ')
    const takenOver = ids && `Taken over from its present version, under other_wechatpay_keys: ${ids}.`
    await toSecretsManager(json, options.secret, present === undefined ? NOT_TAKEN_OVER : takenOver, options, rules)
  }
  if (options.dryRun) console.log(paint.ok('Nothing was written: --dry-run.'))
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
    throw new Failure(
      `${file} is of the sandbox, not of WeChat Pay`,
      'Say where it runs, as merchant.json beside it does: --endpoints http://127.0.0.1:8301,http://127.0.0.1:8302',
    )
  }
  if ((stage !== undefined || secret !== undefined) && !isAwsHere()) {
    throw new Failure(
      `${file} is of the sandbox: nothing of it is put into an AWS account`,
      'Give it to the local stack (AWS_ENDPOINT_URL), or write it to a file with --out.',
    )
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
  if (secret !== undefined) throw new Failure('--stage and --secret both say where to', 'Give one of them.')
  useRegion({ region })
  return rulesOf(await readOutputs({ stage }), stage)
}

/** The merchant's number, as the name of its secret. */
function mchidFor({ mchid }: Options, pem: string): string {
  const { certificate } = readOwnCertificate(pem)
  const number = mchid ?? (certificate && mchidOf(certificate))
  if (number !== undefined && MERCHANT_NUMBER.test(number)) return number
  throw new Failure('the certificate does not tell the mchid', 'Give it: --mchid <mchid>')
}

async function protectAll(options: Options) {
  const rules = await deploymentOf(options)
  if (rules === undefined) throw new Failure('--protect needs a deployment', 'Give its --stage.')
  const client = secretsClient(rules.prefix)
  try {
    await confirm(`Let only ${rules.readers.length} readers read each secret under ${rules.prefix}/?`, options.yes)
    const names = await protectMerchantSecrets(client, rules)
    for (const name of names) console.log(name)
    console.log(paint.ok(`${names.length} secrets are read by their readers alone.`))
  } finally {
    client.destroy()
  }
}

const NOT_TAKEN_OVER = paint.warning(
  "Its present version cannot be read: WeChat Pay's keys in it that are not given now are not taken over. " +
    'Give each of them with --other-key <id>=<file>.',
)

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
  if (certificate === undefined) throw new Failure(`${options.certificate} ${finding?.detail}`, finding?.fix)
  const mchid = options.mchid ?? mchidOf(certificate)
  if (mchid === undefined) throw new Failure('the certificate does not tell the mchid', 'Give it: --mchid <mchid>')
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
  if (dryRun) return console.log(`Would write ${out}, readable by you alone.`)
  await writeFile(pathOf(out), `${json}\n`, { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    const next = error.code === 'EEXIST' ? 'Choose another name: no key is ever written over.' : 'Look at the folder.'
    throw new Failure(`${out} could not be written (${error.code})`, next)
  })
  console.log(paint.ok(`Wrote ${out}, readable by you alone. It holds the private key: never commit it.`))
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
      throw new Failure(`there is no secret ${name}`, 'Look at the spelling and AWS_REGION. To create it: --new')
    }
    const action = isThere ? `a new version of the secret ${name}` : `a new secret ${name}`
    if (isThere && aboutOtherKeys) console.log(aboutOtherKeys)
    if (dryRun) return console.log(`Would put ${action} into Secrets Manager.`)
    await confirm(`Put ${action} into Secrets Manager?`, yes)
    if (rules !== undefined) {
      const version = await putMerchantSecret(client, rules, name, json, isThere)
      console.log(paint.ok(`Put ${action} into Secrets Manager, version ${version}.`))
      const when = isThere ? 'within SECRET_TTL_SECONDS (5 minutes)' : 'within a minute'
      return console.log(`The deployment serves this merchant ${when}. No deploy is needed.`)
    }
    const { VersionId } = isThere
      ? await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: json }))
      : await client.send(
          new CreateSecretCommand({ Name: name, SecretString: json, ...(kmsKey && { KmsKeyId: kmsKey }) }),
        )
    console.log(paint.ok(`Put ${action} into Secrets Manager, version ${VersionId}.`))
    console.log(
      isThere
        ? 'Functions that run already read it within SECRET_TTL_SECONDS (5 minutes).'
        : 'No function reads it before a deployment names it in params.merchants.',
    )
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
    throw new Failure(`there is no secret ${SecretId}`, 'Look at the ARN, or give a name to create one.')
  }
}

await run(command)
