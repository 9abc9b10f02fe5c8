// `npm run doctor`: are these credentials right, and if not, exactly what is wrong and what to do.
import { createChecklist, createPrinter, failed, ok, type Status } from './operator/checks/checklist.ts'
import { checkSecret, type Usable } from './operator/checks/secret.ts'
import { checkWechatPay } from './operator/checks/wechatpay.ts'
import { createCommand, run } from './operator/command.ts'
import { Failure } from './operator/failure.ts'
import { readText } from './operator/files.ts'
import { localOption } from './operator/local-stage.ts'
import { endpointsOption, merchantOption, readMerchantText, wechatPaySettings } from './operator/merchant.ts'
import { assertSubMchid, SUB_MCHID_OPTION } from './operator/order.ts'
import { paint } from './operator/paint.ts'

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
  ['--merchant merchant.json', 'a file'],
  ['--merchant wechatpay-reversal-prod/merchants/default', 'a secret in Secrets Manager, by name or ARN'],
  ['--merchant merchant.json --certificate apiclient_cert.pem', 'whether key and serial belong together, too'],
  ['--merchant provider.json --sub-mchid 1900000109', 'a service provider, and its bond to a merchant under it'],
  ['--merchant merchant.json --appid wxd678efh567hg6787', 'whether a reverse under this appid is permitted, too'],
] as const

const command = createCommand('doctor', 'Says whether these credentials work, and if not exactly why.', examples, [
  '--merchant',
])
  .addOption(merchantOption())
  .addOption(localOption())
  .option('--certificate <file>', "the merchant's own certificate, apiclient_cert.pem")
  .option(...SUB_MCHID_OPTION)
  .option('--appid <appid>', "also reverse, under this appid (a provider's own), an order that cannot exist")
  .addOption(endpointsOption())
  .option('--offline', 'look at the secret only, ask nobody')
  .option('--json', 'print the checklist as JSON')
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
      list.add('The secret', 'found', finding, performance.now() - startedAt)
    try {
      const { json, from } = await readMerchantText(merchant)
      add(ok(from === 'file' ? `in the file ${merchant}` : `in Secrets Manager, ${merchant}`))
      return checkSecret(list, json, certificate)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      add(failed(error.message, error.next ?? 'Give a file, or the name of a secret.'))
      return undefined
    }
  }

  function conclude(mchid: string | undefined) {
    const isHealthy = list.isHealthy()
    process.exitCode = isHealthy ? 0 : 1
    if (options.json) return console.log(JSON.stringify({ ok: isHealthy, mchid, checks: list.checks }, null, 2))
    const countOf = (wanted: Status) => list.checks.filter(({ status }) => status === wanted).length
    const warnings = countOf('warning')
    const but = warnings === 0 ? '' : `, with ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`
    console.log(
      isHealthy
        ? paint.ok(
            `\nHealthy${but}: ${options.offline ? 'the secret is well formed' : `${sandbox ? 'the sandbox' : 'WeChat Pay'} accepts these credentials, and its answers verify`}.`,
          )
        : paint.failed(`\n${countOf('failed')} failed: put right the first one, then look again.`),
    )
  }
}

await run(command)
