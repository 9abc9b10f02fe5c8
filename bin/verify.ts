// `npm run verify`: check later that WeChat Pay said so.

import { keysByName, type WechatPayKeys } from '../lib/wechatpay/merchant.ts'
import { readPublicKey } from '../lib/wechatpay/pem.ts'
import { readKeyId } from '../lib/wechatpay/serial.ts'
import { createCommand, run } from './operator/command.ts'
import { Failure } from './operator/failure.ts'
import { readText } from './operator/files.ts'
import { printFields } from './operator/keep.ts'
import { contradiction, findAnswers, type Judged, judge, NAMES } from './operator/kept-answers.ts'
import { collectKeys } from './operator/keys-option.ts'
import { localOption } from './operator/local-stage.ts'
import { merchantOption, openMerchant } from './operator/merchant.ts'
import { paint } from './operator/paint.ts'
import { findBooks, type KeptBooks } from './operator/settlement/kept.ts'
import { prove } from './operator/settlement/prove.ts'
import { type ProofState, proofAsJson, showProof, stateOf } from './operator/settlement/show-proof.ts'

interface Options {
  merchant?: string
  key: Record<string, string>
  bill: string[]
  json?: true
}

const EXIT_CODES = { proved: 0, 'not proved': 1, open: 2 } as const satisfies Record<ProofState, number>

const examples = [
  ['result.json --merchant merchant.json', 'with the keys of the merchant’s secret'],
  [
    'event.json --key PUB_KEY_ID_…=pub_key.pem',
    'with WeChat Pay’s public key alone: for whoever must not have the secret',
  ],
  ['settled.json --merchant merchant.json --bill bill.csv', 'a settlement, and the bill that npm run settle saved'],
] as const

const collect = (value: string, values: string[]) => [...values, value]

const command = createCommand(
  'verify',
  'Checks signed answers that were kept: is the signature WeChat Pay’s, when was it made, what does it say of which order, and does the outcome follow?\nOf a settlement: is the hash of the bill signed, is it the hash of this bill, and do the rows stand in it?\nExit code 0: all of it, 1: not, 2: nothing speaks against a settlement, but its bill was not given.',
  examples,
)
  .argument(
    '<file>',
    'a result, an event, what npm run settle -- --json printed, a list of answers or one answer, as JSON',
  )
  .addOption(merchantOption())
  .addOption(localOption())
  .option(
    '--key <id=file>',
    'a public key or platform certificate of WeChat Pay (may be repeated)',
    collectKeys('--key'),
    {},
  )
  .option('--bill <file>', 'the bill of a day, as npm run settle saved it (may be repeated)', collect, [])
  .option('--json', 'print what was found as JSON')
  .action(verify)

async function verify(path: string, options: Options) {
  const { keys, isSandbox } = await keysOf(options)
  const json = parse(await readText(path), path)
  const books = findBooks(json)
  if (books !== undefined) return await verifyBooks(path, books, keys, options)
  if (options.bill.length > 0) throw new Failure(`--bill is for a settlement: ${path} holds none`)
  const { claim, answers } = findAnswers(json)
  if (answers.length === 0) throw new Failure(`${path} holds no signed answer`, 'A result has at least one.')
  const judged = answers.map((answer) => judge(answer, keys, claim))
  const against = contradiction(claim ?? {}, judged)
  const isProved = against === undefined && judged.every(({ trouble }) => trouble === undefined)
  process.exitCode = isProved ? 0 : 1

  if (options.json) {
    const found = judged.map(({ answer: { serial, request_id }, signedAt, says, trouble, doubt }) => ({
      ...{ verified: trouble === undefined, trouble, doubt, key: serial, signed_at: iso(signedAt), request_id },
      says: told(says),
    }))
    return console.log(
      JSON.stringify(
        { ok: isProved, sandbox: isSandbox || undefined, outcome: claim?.outcome, against, answers: found },
        null,
        2,
      ),
    )
  }
  for (const [index, one] of judged.entries()) show(one, index + 1, judged.length)
  if (against !== undefined) console.log(paint.failed(`✘ ${against}`))
  else if (isProved)
    console.log(
      isSandbox
        ? paint.warning('✔ The sandbox said so: of money it proves nothing.')
        : paint.ok(`✔ WeChat Pay said so${claim?.outcome ? `: ${claim.outcome} is proved` : ''}.`),
    )
  else console.log(paint.failed(`✘ Not everything is ${isSandbox ? 'the sandbox’s' : 'WeChat Pay’s'} word.`))
}

async function verifyBooks(path: string, books: KeptBooks, keys: WechatPayKeys, { bill, json }: Options) {
  if (books.pages.length === 0) throw new Failure(`${path} holds no signed answer`, 'A settlement has at least one.')
  const proof = await prove(books, keys, bill)
  process.exitCode = EXIT_CODES[stateOf(proof)]
  if (json) console.log(JSON.stringify(proofAsJson(proof), null, 2))
  else showProof(proof)
}

async function keysOf({ merchant, key }: Options): Promise<{ keys: WechatPayKeys; isSandbox: boolean }> {
  const given = Object.entries(key).map(async ([id, file]) => {
    try {
      return { id: readKeyId(id), ...readPublicKey(await readText(file)) }
    } catch (error) {
      throw error instanceof Failure ? error : new Failure(`${file} ${(error as Error).message}`)
    }
  })
  if (merchant === undefined && given.length === 0) {
    throw new Failure('no key to verify with', 'Give --merchant <file or secret>, or --key <id>=<file>.')
  }
  const own = merchant === undefined ? undefined : (await openMerchant(merchant)).merchant
  const keys = new Map([...(own?.wechatpayKeys ?? []), ...keysByName(await Promise.all(given))])
  return { keys, isSandbox: own?.sandbox !== undefined }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    throw new Failure(`${path} is not JSON`, 'Give the JSON that was kept.')
  }
}

/** What an answer says, without whose it is: `payer` is personal data. */
const TOLD = ['trade_state', 'code', ...NAMES, 'transaction_id', 'success_time'] as const
const told = (says: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(TOLD.flatMap((name) => (typeof says[name] === 'string' ? [[name, says[name]]] : [])))

const iso = (date: Date) => (Number.isNaN(date.getTime()) ? undefined : date.toISOString())

function show({ answer, signedAt, says, trouble, doubt }: Judged, number: number, count: number) {
  const which = `answer ${number} of ${count}`
  console.log(trouble === undefined ? paint.ok(`✔ ${which}`) : paint.failed(`✘ ${which}: ${trouble}`))
  printFields({
    signed_at: iso(signedAt),
    key: answer.serial,
    request_id: answer.request_id || undefined,
    ...told(says),
  })
  if (trouble === undefined && doubt !== undefined) console.log(paint.warning(`  ! ${doubt}`))
}

await run(command)
