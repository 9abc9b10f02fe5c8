import type { LocalStack } from '../stack.ts'
import type { Rule, SaidEntry } from './parts.ts'
import { fitToShow } from './private.ts'
import { rulesOf, rulesOfSettlement } from './rules.ts'

/** A line of a function's log about one order. */
export interface Line {
  atMs: number
  mchid: string
  out_trade_no: string
  entry: SaidEntry
}

/** Reads what the functions have written about orders; each call reads on from where the last one ended. */
export function followLogs(stack: Pick<LocalStack, 'lambda' | 'logs'>) {
  const read = new Map<string, number>()
  const lines: Line[] = []
  return (): readonly Line[] => {
    for (const { name } of stack.lambda.functions) {
      const written = stack.logs(name)
      for (const text of written.slice(read.get(name) ?? 0)) {
        const line = toLine(text)
        if (line) lines.push(line)
      }
      read.set(name, written.length)
    }
    return lines
  }
}

/** WeChat Pay's code and its words, where they are not said together anyway. */
function detailOf(code: string | null, detail: string | null): string | null {
  return code === null || detail?.includes(code) ? detail : [code, detail].filter(Boolean).join(' ')
}

/** The lines that tell a decision, and where its row is looked for. */
const RULES: Readonly<Record<string, (fields: Record<string, unknown>) => Rule[]>> = {
  'reversal completed': rulesOf,
  'reversal failed': rulesOf,
  'reversal pending': rulesOf,
  'reversal settled': rulesOfSettlement,
  'settlement waits': rulesOfSettlement,
}

/** Undefined for what is no structured line about an order: metrics, reports, stack traces. */
function toLine(text: string): Line | undefined {
  if (!text.startsWith('{')) return undefined
  let fields: Record<string, unknown>
  try {
    fields = JSON.parse(fitToShow(text))
  } catch {
    return undefined
  }
  const { message, out_trade_no } = fields
  const mchid = fields.sp_mchid ?? fields.mchid
  if (typeof message !== 'string' || typeof out_trade_no !== 'string' || typeof mchid !== 'string') return undefined
  const word = (name: string) => (typeof fields[name] === 'string' ? fields[name] : null)
  return {
    atMs: Date.parse(String(fields.timestamp)),
    mchid,
    out_trade_no,
    entry: {
      kind: 'said',
      message,
      level: word('level') ?? 'INFO',
      outcome: word('outcome'),
      settlement: word('settlement'),
      reason: word('reason'),
      error: word('error'),
      detail: detailOf(word('code'), word('detail')),
      retryAfterSeconds: typeof fields.retry_after === 'number' ? fields.retry_after : null,
      function: word('function_name'),
      rules: RULES[message]?.(fields) ?? [],
    },
  }
}
