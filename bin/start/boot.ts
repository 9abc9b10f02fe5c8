import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPage } from '../../infra/local/page/page.ts'
import { shareClock } from '../../infra/local/shared-clock.ts'
import { type LocalStack, startLocalStack } from '../../infra/local/stack.ts'
import { startSimulator } from '../../infra/local/wechatpay/server.ts'
import { createSimulator, type LogLine } from '../../infra/local/wechatpay/simulator.ts'
import { packagedTemplate } from '../deployment/packaged.ts'
import { text } from '../texts/start.ts'
import { progress } from './show.ts'
import { type OpenStage, openStage } from './stage.ts'

export interface Booted {
  stack: LocalStack
  stage: OpenStage
  /** What the functions write. */
  logFile: string
  /** Told every further request that WeChat Pay gets. */
  requestListeners: ((request: LogLine) => void)[]
  close(): Promise<void>
}

/** Boots the whole stack in this process, with its WeChat Pay, clock and page, and says so. */
export async function boot(): Promise<Booted> {
  let isNew = false
  const template = await progress(
    text.boot.bundling,
    () =>
      packagedTemplate(() => {
        isNew = true
      }),
    () => (isNew ? text.boot.bundled : text.boot.unchanged),
  )
  const requestListeners: Booted['requestListeners'] = []
  const { running, merchant } = await progress(
    text.boot.opening,
    async () => {
      const simulator = createSimulator({
        onRequest: (request) => {
          for (const listener of requestListeners) listener(request)
        },
      })
      const merchant = simulator.openMerchant()
      simulator.addSubMerchant({ sp_mchid: merchant.mchid, sub_mchid: '1900000109' })
      return { running: await startSimulator(simulator), merchant }
    },
    ({ merchant }) => text.boot.opened(merchant.mchid),
  )
  const { endpoints, control, simulator } = running
  const clock = shareClock(simulator.clock)
  const folder = await mkdtemp(join(tmpdir(), 'wechatpay-reversal-'))
  const merchantFile = join(folder, 'merchant.json')
  await writeFile(merchantFile, JSON.stringify({ ...merchant.secret, wechatpay_endpoints: endpoints }, null, 2), {
    mode: 0o600,
  })
  const logFile = join(folder, 'functions.log')
  const log = createWriteStream(logFile).on('error', (error) => console.error(`${logFile}: ${error.message}`))
  const stack = await progress(
    text.boot.booting,
    () =>
      startLocalStack({
        template,
        wechatPayEndpoints: endpoints,
        merchants: [merchant.secret],
        clock,
        onLog: (line) => void log.write(`${line}\n`),
      }),
    ({ lambda }) => text.boot.booted(lambda.functions.length),
  )
  const page = await startPage({ running, merchants: [merchant], stack })
  const { awsUrl, region, credentials, outputs } = stack
  const stage = await openStage({
    environment: {
      AWS_ENDPOINT_URL: awsUrl,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    // API Gateway would make this address of the API's id.
    outputs: { ...outputs, HttpApiUrl: stack.apiUrl },
    endpoints,
    merchant: { mchid: merchant.mchid, appid: merchant.appid },
    merchantFile,
    clockFile: clock.file,
    control,
    pageUrl: page.url,
  })
  const close = async () => {
    await stage.close()
    await page.close()
    await stack.close()
    await running.close()
    clock.close()
    log.destroy()
    await rm(folder, { recursive: true })
  }
  return { stack, stage, logFile, requestListeners, close }
}
