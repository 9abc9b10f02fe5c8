// `npm run doctor`: are these credentials right, and if not, exactly what is wrong and what to do.
import { createChecklist, createPrinter, failed, ok, type Status } from './operator/checks/checklist.ts'
import { checkSecret, type Usable } from './operator/checks/secret.ts'
import { text as checks } from './operator/checks/text.ts'
import { checkWechatPay } from './operator/checks/wechatpay.ts'
import { createCommand, run } from './operator/command.ts'
import { Failure } from './operator/failure.ts'
import { readText } from './operator/files.ts'
import { localOption } from './operator/local-stage.ts'
import { endpointsOption, merchantOption, readMerchantText, wechatPaySettings } from './operator/merchant.ts'
import { assertSubMchid, SUB_MCHID_OPTION } from './operator/order.ts'
import { paint } from './operator/paint.ts'
import { text } from './texts/doctor.ts'

interface Options {
  merchant: string
  certificate?: string
  endpoints?: string
  subMchid?: string
  appid?: string
  offline?: true
  json?: true
}

const examples = [
  ['--merchant merchant.json', text.examples.file],
  ['--merchant wechatpay-reversal-prod/merchants/default', text.examples.secret],
  ['--merchant merchant.json --certificate apiclient_cert.pem', text.examples.certificate],
  ['--merchant provider.json --sub-mchid 1900000109', text.examples.provider],
  ['--merchant merchant.json --appid wxd678efh567hg6787', text.examples.appid],
] as const

const command = createCommand('doctor', text.description, examples, ['--merchant'])
  .addOption(merchantOption())
  .addOption(localOption())
  .option('--certificate <file>', text.certificate)
  .option(...SUB_MCHID_OPTION)
  .option('--appid <appid>', text.appid)
  .addOption(endpointsOption())
  .option('--offline', text.offline)
  .option('--json', text.json)
  .action(doctor)

/** Exit code 0 when nothing failed, 1 otherwise. Nothing it prints is secret. */
async function doctor(options: Options) {
  assertSubMchid(options.subMchid)
  const certificate =
    options.certificate === undefined ? undefined : await readText(options.certificate, '--certificate')
  const list = createChecklist(options.json ? () => {} : createPrinter((line) => console.log(line)))
  const usable = await look(options.merchant)
  const settings = wechatPaySettings(options.endpoints, usable?.signer)
  const sandbox = usable?.signer?.sandbox
  if (usable !== undefined && !options.offline) {
    await checkWechatPay(list, { ...settings, signer: usable.signer, subMchid: options.subMchid, appid: options.appid })
  }
  conclude(usable?.mchid)

  /** Undefined when there is no secret to ask WeChat Pay about. */
  async function look(merchant: string): Promise<Usable | undefined> {
    const startedAt = performance.now()
    const add = (finding: ReturnType<typeof ok>) =>
      list.add(checks.places.secret, checks.checks.found, finding, performance.now() - startedAt)
    try {
      const { json, from } = await readMerchantText(merchant)
      add(ok(from === 'file' ? checks.secret.inFile(merchant) : checks.secret.inManager(merchant)))
      return checkSecret(list, json, certificate)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      add(failed(error.message, error.next ?? checks.secret.giveOne))
      return undefined
    }
  }

  function conclude(mchid: string | undefined) {
    const isHealthy = list.isHealthy()
    process.exitCode = isHealthy ? 0 : 1
    if (options.json) return console.log(JSON.stringify({ ok: isHealthy, mchid, checks: list.checks }, null, 2))
    const countOf = (wanted: Status) => list.checks.filter(({ status }) => status === wanted).length
    const warnings = countOf('warning')
    const what = options.offline ? text.wellFormed : sandbox ? text.acceptedBySandbox : text.accepted
    console.log(
      isHealthy ? paint.ok(`\n${text.healthy(warnings, what)}`) : paint.failed(`\n${text.failed(countOf('failed'))}`),
    )
  }
}

await run(command)
