import { parseReversal, type ToldOutcome } from '../../../lib/settlement/open-outcome.ts'
import { signerOf } from '../../../lib/wechatpay/order-id.ts'
import { text } from '../../texts/settle.ts'
import { Failure } from '../failure.ts'
import { readText } from '../files.ts'
import { refusalInWords } from '../meanings.ts'

/** A result of the list, by its line. */
export interface Result {
  line: number
  told: ToldOutcome
}

/** So many wrong lines are named; a file of something else has thousands. */
const MOST_NAMED = 5

/**
 * The results of one merchant: one a line, as the service returned them or as events that hold them. A file with one JSON
 * document, a result or a list of them, is read too.
 *
 * @throws Failure that names each wrong line and its field
 */
export async function readResults(path: string, mchid: string): Promise<Result[]> {
  const results: Result[] = []
  const wrong: string[] = []
  for (const { line, json } of linesOf(await readText(path))) {
    try {
      results.push({ line, told: readResult(json, mchid) })
    } catch (error) {
      wrong.push(text.line(path, line, refusalInWords((error as Error).message)))
    }
  }
  if (wrong.length === 0) return results
  const more = wrong.length > MOST_NAMED ? [text.moreLines(wrong.length - MOST_NAMED)] : []
  throw new Failure([...wrong.slice(0, MOST_NAMED), ...more].join('\n  '), text.takeOut)
}

function linesOf(list: string): { line: number; json: unknown }[] {
  const whole = parse(list)
  if (whole !== undefined) return [whole].flat().map((json, index) => ({ line: index + 1, json }))
  return list
    .split('\n')
    .map((written, index) => ({ line: index + 1, written }))
    .filter(({ written }) => written.trim() !== '')
    .map(({ line, written }) => ({ line, json: parse(written) }))
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/** @throws Error that names the field */
function readResult(json: unknown, mchid: string): ToldOutcome {
  if (json === undefined) throw new Error(text.notJson)
  const result = unwrap(json)
  // Both come out of the service too, and say what is wrong better than a list of outcomes does.
  if (isField(result, 'error')) throw new Error(text.isRefusal)
  if (isField(result, 'outcome') && result.outcome === 'PENDING') {
    throw new Error(text.isPending)
  }
  const told = parseReversal(result)
  const { ref } = told
  const signer = signerOf(ref)
  if (signer !== mchid) {
    throw new Error(text.otherMerchant(ref.sp_mchid === undefined ? 'mchid' : 'sp_mchid', signer, mchid))
  }
  return told
}

/** EventBridge has the result in an event's `detail`; of a refusal that is a text. */
const unwrap = (json: unknown) => (isField(json, 'detail') && typeof json.detail === 'object' ? json.detail : json)

const isField = <Name extends string>(json: unknown, name: Name): json is Record<Name, unknown> =>
  typeof json === 'object' && json !== null && name in json
