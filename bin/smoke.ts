// `npm run smoke`: after a deploy, a harmless unknown order through all three ways in.
import { SQSClient } from '@aws-sdk/client-sqs'
import { addressOption } from './operator/address-option.ts'
import { createChecklist, createPrinter } from './operator/checks/checklist.ts'
import { createCommand, run } from './operator/command.ts'
import { Failure } from './operator/failure.ts'
import { paint } from './operator/paint.ts'
import { smokeEvents } from './operator/smoke/events.ts'
import { type Signer, smokeHttp } from './operator/smoke/http.ts'
import type { SmokeMerchant } from './operator/smoke/order.ts'
import { smokeQueue } from './operator/smoke/queue.ts'
import { smokeStep, smokeWorkflow } from './operator/smoke/step.ts'
import { type Outputs, readOutputs, type StackOptions, stackOptions, useRegion } from './operator/stack.ts'
import { text } from './texts/smoke.ts'

interface Options extends StackOptions {
  mchid: string
  appid?: string
  subMchid?: string
  spAppid?: string
  subAppid?: string
  api?: string
  queue?: string
  deadLetterQueue?: string
  logGroup?: string
  eventBus?: string
  stateMachine?: string
  stepFunction?: string
  json?: true
}

const examples = [
  ['--stage prod --mchid 1900000001 --appid wxd678efh567hg6787', text.examples.stage],
  ['--stage prod --mchid 1900000009 --sub-mchid 1900000109', text.examples.provider],
  [
    '--mchid 1900000001 --appid wxd678efh567hg6787 --api https://… --queue https://… --dead-letter-queue https://… --step-function my-step',
    text.examples.byHand,
  ],
] as const

const command = stackOptions(createCommand('smoke', text.description, examples, ['--mchid']))
  .option('--mchid <mchid>', text.mchid)
  .option('--appid <appid>', text.appid)
  .option('--sub-mchid <mchid>', text.subMchid)
  .option('--sp-appid <appid>', text.spAppid)
  .option('--sub-appid <appid>', text.subAppid)
  .addOption(addressOption('--api', text.api))
  .addOption(addressOption('--queue', text.queue))
  .addOption(addressOption('--dead-letter-queue', text.deadLetterQueue))
  .option('--log-group <name>', text.logGroup)
  .option('--event-bus <name>', text.eventBus)
  .option('--state-machine <arn>', text.stateMachine)
  .option('--step-function <name>', text.stepFunction)
  .option('--json', text.json)
  .action(smoke)

async function smoke(options: Options) {
  const region = useRegion(options)
  const merchant = merchantOf(options)
  const ways = await waysOf(options)
  const signer = { region, ...(await credentials()) }

  const list = createChecklist(options.json ? () => {} : createPrinter((line) => console.log(line)))
  await smokeHttp(list, ways.api, signer, merchant)
  await smokeQueue(list, { ...ways, signer, merchant })
  if (options.stepFunction !== undefined) await smokeStep(list, options.stepFunction, merchant)
  else await smokeWorkflow(list, ways.stateMachine, merchant)
  await smokeEvents(list, ways.eventBus)

  const isHealthy = list.isHealthy()
  process.exitCode = isHealthy ? 0 : 1
  if (options.json) return console.log(JSON.stringify({ ok: isHealthy, checks: list.checks }, null, 2))
  console.log(`\n${isHealthy ? paint.ok(text.healthy) : paint.failed(text.failed)}`)
}

/** @throws Failure that names what does not fit */
function merchantOf({ mchid, appid, subMchid, spAppid, subAppid }: Options): SmokeMerchant {
  if (subMchid === undefined && spAppid === undefined && subAppid === undefined) {
    if (appid !== undefined) return { mchid, appid }
    throw new Failure(text.whoseApp, text.giveApp)
  }
  if (subMchid === undefined || appid !== undefined) {
    throw new Failure(text.bothKinds, text.giveProvider)
  }
  return {
    sp_mchid: mchid,
    sub_mchid: subMchid,
    ...(spAppid !== undefined && { sp_appid: spAppid }),
    ...(subAppid !== undefined && { sub_appid: subAppid }),
  }
}

async function credentials(): Promise<Omit<Signer, 'region'>> {
  const client = new SQSClient({})
  try {
    const { accessKeyId, secretAccessKey, sessionToken } = await client.config.credentials()
    return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
  } finally {
    client.destroy()
  }
}

/** What was given by hand, and the rest from the stack, which is asked only when something is missing. */
async function waysOf(options: Options) {
  const { api, queue, deadLetterQueue, stateMachine, stepFunction, stage } = options
  const isComplete = [api, queue, deadLetterQueue, stateMachine ?? stepFunction].every((given) => given !== undefined)
  const outputs: Outputs = isComplete ? {} : await readOutputs(options)
  const needed = (given: string | undefined, output: string, flag: string): string => {
    const found = given ?? outputs[output]
    if (found === undefined) throw new Failure(text.noOutput(output), text.giveFlag(flag))
    return found
  }
  return {
    api: needed(api, 'HttpApiUrl', '--api'),
    queueUrl: needed(queue, 'ReversalQueueUrl', '--queue'),
    deadLetterQueueUrl: needed(deadLetterQueue, 'DeadLetterQueueUrl', '--dead-letter-queue'),
    stateMachine: stepFunction === undefined ? needed(stateMachine, 'StateMachineArn', '--state-machine') : '',
    eventBus: options.eventBus ?? outputs.EventBusName,
    logGroup: options.logGroup ?? `/aws/lambda/wechatpay-reversal-${stage}-queue`,
  }
}

await run(command)
