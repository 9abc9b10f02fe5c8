// `npm run smoke`: after a deploy, a harmless unknown order through all three ways in.
import { SQSClient } from '@aws-sdk/client-sqs'
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
  ['--stage prod --mchid 1900000001 --appid wxd678efh567hg6787', 'the stack of a stage, all three ways'],
  ['--stage prod --mchid 1900000009 --sub-mchid 1900000109', "the same with a service provider's order"],
  [
    '--mchid 1900000001 --appid wxd678efh567hg6787 --api https://… --queue https://… --dead-letter-queue https://… --step-function my-step',
    'addresses by hand, and the step function without a state machine',
  ],
] as const

const command = stackOptions(
  createCommand(
    'smoke',
    'Sends an order that does not exist, with *, - and _ in its number, through HTTP, SQS and Step Functions. Moves no money.\nExit code 0: each answered as it should.',
    examples,
    ['--mchid'],
  ),
)
  .option('--mchid <mchid>', 'a merchant this deployment is configured for')
  .option('--appid <appid>', 'an appid that is bound to it')
  .option('--sub-mchid <mchid>', "a merchant under it, for a service provider's order; no appid is needed then")
  .option('--sp-appid <appid>', "an appid of the service provider's")
  .option('--sub-appid <appid>', "an appid of the merchant's under it")
  .option('--api <url>', 'the address of the HTTP API (default: from the stack)')
  .option('--queue <url>', 'of the queue (default: from the stack)')
  .option('--dead-letter-queue <url>', 'of the dead-letter queue (default: from the stack)')
  .option('--log-group <name>', "of the queue function's log, which proves what became of the message")
  .option('--event-bus <name>', 'that the queue tells outcomes to (default: from the stack)')
  .option('--state-machine <arn>', 'the state machine (default: from the stack)')
  .option('--step-function <name>', 'invoke this function instead of the state machine')
  .option('--json', 'print the checklist as JSON')
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
  console.log(
    isHealthy
      ? paint.ok('\nAll three ways answered as they should.')
      : paint.failed('\nNot everything answered as it should.'),
  )
}

/** @throws Failure that names what does not fit */
function merchantOf({ mchid, appid, subMchid, spAppid, subAppid }: Options): SmokeMerchant {
  if (subMchid === undefined && spAppid === undefined && subAppid === undefined) {
    if (appid !== undefined) return { mchid, appid }
    throw new Failure('nothing says whose app it is', "Give --appid, or --sub-mchid for a service provider's order.")
  }
  if (subMchid === undefined || appid !== undefined) {
    const next = 'Give --mchid and --sub-mchid, and perhaps --sp-appid or --sub-appid.'
    throw new Failure("a service provider's order has a --sub-mchid and no --appid", next)
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
    if (found === undefined) throw new Failure(`the stack has no output ${output}`, `Give ${flag}.`)
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
