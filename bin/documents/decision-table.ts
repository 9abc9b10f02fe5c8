// `node bin/documents/decision-table.ts`: the tables of docs/decision-table.md, drawn from the one the code decides by.
import type { DecisionTable, Next, Row } from '../../lib/reversal/decision/rows.ts'
import { DECISION } from '../../lib/reversal/decision/table.ts'
import { inWords } from '../../lib/reversal/decision/times.ts'

/** The whole decision as four Markdown tables. */
export function renderDecisionTable({ states, whenDue, afterReverse, whenLookingAgain }: DecisionTable = DECISION) {
  const bySeen = Object.entries(states).flatMap(([seen, { means, rows }]) =>
    drawn(rows).map(([when, next, source], index) =>
      index === 0 ? [nameOf(seen), means, when, next, source] : ['', '', when, next, source],
    ),
  )
  const after = Object.entries(afterReverse).flatMap(([reversed, rows]) =>
    drawn(rows).map(([when, next]) => ({ reversed, when, next })),
  )
  const alike = Object.values(Object.groupBy(after, ({ when, next }) => `${when} ${next}`)).map((group) => [
    group!.map(({ reversed }) => reversed).join(', '),
    group![0]!.when,
    group![0]!.next,
  ])
  return [
    markdown(['a verified query says', 'which means', 'when', 'next', 'source'], bySeen),
    markdown(['a reverse is due', 'next', 'source'], drawn(whenDue)),
    markdown(['the reverse of this attempt was', 'when', 'next'], alike),
    markdown(['look again; the same after an error that may pass', 'next', 'source'], drawn(whenLookingAgain)),
  ].join('\n\n')
}

export const STATE_NAMES: Readonly<Record<string, string>> = { UNKNOWN: 'anything else', NOTHING: 'nothing' }

const nameOf = (seen: string) => STATE_NAMES[seen] ?? `\`${seen}\``

/** Condition, next step and source of each row, in words. */
function drawn(rows: readonly Row<Next, never>[]): [when: string, next: string, source: string][] {
  return rows.map(({ when, next, source }, index) => [
    when?.says ?? (index === 0 ? 'always' : 'otherwise'),
    nextInWords(next),
    source.startsWith('https://') ? `[official](${source})` : source,
  ])
}

export function nextInWords(next: Next): string {
  switch (next.do) {
    case 'due':
      return 'a reverse is due'
    case 'finish':
      return `finish \`${next.outcome}\``
    case 'refuse':
      return `refuse \`${next.error}\``
    case 'expire':
      return 'refuse `ReversalExpired`'
    case 'wait':
      return `wait ${inWords(next.seconds)}`
    case 'wait while this holds':
      return 'wait until this no longer holds'
    case 'back off':
      return 'wait as long as the back-off says'
    case 'reverse':
    case 'look again':
      return next.do
  }
}

function markdown(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

if (import.meta.main) console.log(renderDecisionTable())
