// `npm run verify`: check later that WeChat Pay said so.

import { keysByName, type NamedKey, type WechatPayKeys } from '../lib/wechatpay/merchant.ts'
import { readPublicKey } from '../lib/wechatpay/pem.ts'
import { Refusal } from '../lib/wechatpay/refusal.ts'
import { readKeyId } from '../lib/wechatpay/serial.ts'
import { refusal, remedy } from './operator/checks/checklist.ts'
import { createCommand, run } from './operator/command.ts'
import { Failure } from './operator/failure.ts'
import { readText } from './operator/files.ts'
import { printFields } from './operator/keep.ts'
import { contradiction, findAnswers, type Judged, judge, NAMES } from './operator/kept-answers.ts'
import { collectKeys } from './operator/keys-option.ts'
import { asGiven, localOption } from './operator/local-stage.ts'
import { merchantOption, openMerchant } from './operator/merchant.ts'
import { argumentsOf, npmRun } from './operator/npm-run.ts'
import { paint } from './operator/paint.ts'
import { findBooks, type KeptBooks } from './operator/settlement/kept.ts'
import { prove } from './operator/settlement/prove.ts'
import { type ProofState, proofAsJson, showProof, stateOf } from './operator/settlement/show-proof.ts'
import { text } from './texts/verify.ts'

interface Options {
  merchant?: string
  key: Record<string, string>
  bill: string[]
  json?: true
}

const EXIT_CODES = { proved: 0, 'not proved': 1, open: 2 } as const satisfies Record<ProofState, number>

const examples = [
  ['result.json --merchant merchant.json', text.examples.merchant],
  ['event.json --key PUB_KEY_ID_…=pub_key.pem', text.examples.key],
  ['settled.json --merchant merchant.json --bill bill.csv', text.examples.bill],
] as const

const collect = (value: string, values: string[]) => [...values, value]

const command = createCommand('verify', text.description, examples)
  .argument('<file>', text.file)
  .addOption(merchantOption())
  .addOption(localOption())
  .option('--key <id=file>', text.key, collectKeys('--key'), {})
  .option('--bill <file>', text.bill, collect, [])
  .option('--json', text.json)
  .action(verify)

async function verify(path: string, options: Options) {
  const { keys, isSandbox } = await keysOf(options)
  const json = parse(await readText(path), path)
  const books = findBooks(json)
  if (books !== undefined) return await verifyBooks(path, books, { keys, isSandbox }, options)
  if (options.bill.length > 0) throw new Failure(text.noSettlement(path))
  const { claim, answers } = findAnswers(json)
  if (answers.length === 0) throw new Failure(text.noAnswer(path), text.resultHasOne)
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
  else if (!isProved) console.log(paint.failed(`✘ ${isSandbox ? text.notAllOfSandbox : text.notAll}`))
  else if (isSandbox) console.log(paint.warning(`✔ ${text.sandboxSaidSo}`))
  else console.log(paint.ok(`✔ ${claim?.outcome ? text.saidSoOf(claim.outcome) : text.saidSo}`))
}

async function verifyBooks(path: string, books: KeptBooks, { keys, isSandbox }: Keys, { bill, json }: Options) {
  if (books.pages.length === 0) throw new Failure(text.noAnswer(path), text.settlementHasOne)
  const proof = await prove(books, keys, bill)
  process.exitCode = EXIT_CODES[stateOf(proof)]
  if (json) console.log(JSON.stringify(proofAsJson(proof, isSandbox), null, 2))
  else showProof(proof, { isSandbox, keepBill })
}

function keepBill(date: string): string {
  const given = { '--merchant': asGiven(command, 'merchant'), '--stage': asGiven(command, 'stage') }
  return npmRun('settle', argumentsOf({ ...given, '--date': date, '--save': `${date}.csv` }))
}

interface Keys {
  keys: WechatPayKeys
  /** Of money its word proves nothing. */
  isSandbox: boolean
}

async function keysOf({ merchant, key }: Options): Promise<Keys> {
  if (merchant === undefined && Object.keys(key).length === 0) throw new Failure(text.noKeyGiven, text.giveKey)
  const given = await Promise.all(Object.entries(key).map(readKey))
  const own = merchant === undefined ? undefined : (await openMerchant(merchant)).merchant
  const keys = new Map([...(own?.wechatpayKeys ?? []), ...keysByName(given)])
  return { keys, isSandbox: own?.sandbox !== undefined }
}

async function readKey([id, file]: [id: string, file: string]): Promise<NamedKey> {
  const pem = await readText(file)
  try {
    return { id: readKeyId(id), ...readPublicKey(pem) }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new Failure(text.unusableKey(file, refusal(error.what)), remedy(error.fix))
  }
}

function parse(json: string, path: string): unknown {
  try {
    return JSON.parse(json.replace(/^\uFEFF/, ''))
  } catch {
    throw new Failure(text.notJson(path), text.giveJson)
  }
}

/** What an answer says, without whose it is: `payer` is personal data. */
const TOLD = ['trade_state', 'code', ...NAMES, 'transaction_id', 'success_time'] as const
const told = (says: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(TOLD.flatMap((name) => (typeof says[name] === 'string' ? [[name, says[name]]] : [])))

const iso = (date: Date) => (Number.isNaN(date.getTime()) ? undefined : date.toISOString())

function show({ answer, signedAt, says, trouble, doubt }: Judged, number: number, count: number) {
  const which = text.answer(number, count)
  console.log(trouble === undefined ? paint.ok(`✔ ${which}`) : paint.failed(`✘ ${text.but(which, trouble)}`))
  printFields({
    signed_at: iso(signedAt),
    key: answer.serial,
    request_id: answer.request_id || undefined,
    ...told(says),
  })
  if (trouble === undefined && doubt !== undefined) console.log(paint.warning(`  ! ${doubt}`))
}

await run(command)
