import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MerchantWithKeys } from '../../infra/local/wechatpay/merchants.ts'
import type { LogLine } from '../../infra/local/wechatpay/simulator.ts'
import { interrupted } from '../operator/interrupted.ts'
import { announceLocalStage } from '../operator/local-stage.ts'
import { showRequest } from '../operator/wechatpay-request.ts'
import type { Stage } from './runs.ts'
import { showHandsOn } from './show.ts'

export interface Open extends Stage {
  merchant: MerchantWithKeys
  /** WeChat Pay's two domains, and the address of the simulator's control. */
  endpoints: readonly string[]
  control: string
  /** Says how far the clock of it all is ahead. */
  clockFile: string
  /** Of the page that shows it all. */
  pageUrl: string
  /** Told every further request, and every line the functions write. */
  requestListeners: ((request: LogLine) => void)[]
  logListeners: ((line: string) => void)[]
}

/** Says what one needs to go on by hand, and shows every further call until Ctrl-C. */
export async function stayOpen(open: Open) {
  const { stack, simulator, merchant, endpoints, control, pageUrl, clockFile, requestListeners, logListeners } = open
  const folder = await mkdtemp(join(tmpdir(), 'wechatpay-reversal-'))
  const merchantFile = join(folder, 'merchant.json')
  await writeFile(merchantFile, JSON.stringify({ ...merchant.secret, wechatpay_endpoints: endpoints }, null, 2), {
    mode: 0o600,
  })
  const logFile = join(folder, 'functions.log')
  const log = createWriteStream(logFile).on('error', (error) => console.error(`${logFile}: ${error.message}`))
  logListeners.push((line) => log.write(`${line}\n`))

  const order = { mchid: merchant.mchid, appid: merchant.appid, out_trade_no: 'by-hand-1' }
  simulator.placeOrder(order, 'SUCCESS')
  const attempted_at = new Date(Date.now() - 60_000).toISOString()
  const stateMachineArn = stack.resources.find(({ type }) => type === 'AWS::StepFunctions::StateMachine')!.arn
  const { awsUrl, region, credentials, outputs } = stack
  const environment = {
    AWS_ENDPOINT_URL: awsUrl,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  }
  const conceal = await announceLocalStage({
    environment,
    // API Gateway would make this address of the API's id.
    outputs: { ...outputs, HttpApiUrl: stack.apiUrl },
    endpoints,
    merchantFile,
    clockFile,
    control,
    pageUrl,
  })
  const ended = interrupted()
  showHandsOn({ stack, stateMachineArn, control, pageUrl, merchantFile, logFile, order, attempted_at })
  requestListeners.push(showRequest)

  await ended
  await conceal()
  log.destroy()
  await rm(folder, { recursive: true })
}
