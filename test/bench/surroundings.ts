import { fork } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificate } from '../../infra/local/wechatpay/certificate.ts'
import { bundleSubjects } from './bundle-subjects.ts'
import type { ServerCounts, ServerSetup } from './server.ts'

export interface Surroundings {
  /** A folder for what the bench builds; gone after it. */
  directory: string
  /** Where the measured process and its subjects are, as plain JavaScript. */
  subjects: string
  /** The environment of every process that is measured: a function's own, and the keys for bare clients. */
  environment: NodeJS.ProcessEnv
  /** What the server has seen so far. */
  counts(): Promise<ServerCounts>
  close(): Promise<void>
}

/** Starts the server process with keys made for this run, over TLS with a certificate that the measured processes trust. */
export async function createSurroundings(): Promise<Surroundings> {
  const subjects = await bundleSubjects()
  const directory = await mkdtemp(join(tmpdir(), 'wechatpay-bench-'))
  const [tls, wechatpay, merchant] = [keyPair(), keyPair(), keyPair()]
  const cert = createCertificate({ privateKey: tls.privateKey, serial: `40${randomBytes(19).toString('hex')}` })
  await writeFile(join(directory, 'ca.pem'), cert)
  const secret = JSON.stringify({
    mchid: '1900000001',
    certificate_serial_no: '5157F09EFDC096DE15EBE81A47057A7232F1B8E1',
    private_key: privatePem(merchant),
    wechatpay_public_key_id: 'PUB_KEY_ID_0119000000012026112300000000000000',
    wechatpay_public_key: publicPem(wechatpay),
  })

  const server = fork(join(import.meta.dirname, 'server.ts'))
  server.send({
    tls: { key: privatePem(tls), cert },
    wechatpayPrivateKey: privatePem(wechatpay),
    wechatpayPublicKeyId: JSON.parse(secret).wechatpay_public_key_id,
    merchantPublicKey: publicPem(merchant),
    secret,
  } satisfies ServerSetup)
  const [{ wechatpayPort, secretsPort }] = await once(server, 'message')

  return {
    directory,
    subjects,
    environment: {
      NODE_EXTRA_CA_CERTS: join(directory, 'ca.pem'),
      BENCH_SECRET: secret,
      WECHATPAY_ENDPOINTS: `https://localhost:${wechatpayPort},https://127.0.0.1:${wechatpayPort}`,
      MERCHANT_SECRETS: 'bench',
      POWERTOOLS_SERVICE_NAME: 'wechatpay-reversal',
      POWERTOOLS_METRICS_NAMESPACE: 'WechatPayReversal/bench',
      POWERTOOLS_LOG_LEVEL: 'INFO',
      AWS_REGION: 'ap-southeast-1',
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${secretsPort}`,
      AWS_LAMBDA_FUNCTION_NAME: 'bench',
    },
    async counts() {
      server.send('counts')
      const [seen] = await once(server, 'message')
      return seen
    },
    async close() {
      server.kill()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

const keyPair = () => generateKeyPairSync('rsa', { modulusLength: 2048 })
type KeyPair = ReturnType<typeof keyPair>
const privatePem = ({ privateKey }: KeyPair) => privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
const publicPem = ({ publicKey }: KeyPair) => publicKey.export({ type: 'spki', format: 'pem' }) as string
