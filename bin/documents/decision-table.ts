// `node bin/documents/decision-table.ts`: the decision table of the README, drawn from the one the code decides by.
import { TIMES } from '../../lib/reversal/decision/conditions.ts'
import { AFTER_REVERSE, type Next, type Row, TABLE, WHEN_DUE } from '../../lib/reversal/decision/table.ts'

/** The whole decision as three Markdown tables. Of several rows for one case, the first whose condition holds decides. */
export function renderDecisionTable(): string {
  const states = Object.entries(TABLE).flatMap(([seen, { means, rows }]) =>
    drawn(rows).map(([when, next, source], index) =>
      index === 0 ? [nameOf(seen), means, when, next, source] : ['', '', when, next, source],
    ),
  )
  const after = Object.entries(AFTER_REVERSE).flatMap(([reversed, rows]) =>
    drawn(rows).map(([when, next]) => ({ reversed, when, next })),
  )
  const alike = Object.values(Object.groupBy(after, ({ when, next }) => `${when} ${next}`)).map((group) => [
    group!.map(({ reversed }) => reversed).join(', '),
    group![0]!.when,
    group![0]!.next,
  ])
  return [
    markdown(['a verified query says', 'which means', 'when', 'next', 'source'], states),
    markdown(['a reverse is due', 'next', 'source'], drawn(WHEN_DUE)),
    markdown(['the reverse of this attempt was', 'when', 'next'], alike),
  ].join('\n\n')
}

const NAMES: Readonly<Record<string, string>> = { UNKNOWN: 'anything else', NOTHING: 'nothing' }

const nameOf = (seen: string) => NAMES[seen] ?? `\`${seen}\``

/** Condition, next step and source of each row, in words. */
function drawn(rows: readonly Row[]): [when: string, next: string, source: string][] {
  return rows.map(({ when, next, source }, index) => [
    when?.says ?? (index === 0 ? 'always' : 'otherwise'),
    inWords(next),
    source.startsWith('https://') ? `[official](${source})` : source,
  ])
}

function inWords(next: Next): string {
  switch (next.do) {
    case 'reverse':
      return 'reverse'
    case 'finish':
      return `finish \`${next.outcome}\``
    case 'refuse':
      return `refuse \`${next.error}\``
    case 'wait':
      if (next.for === undefined) return 'wait, and look again'
      return next.for === 'as long as this holds' ? 'wait as long' : `wait ${TIMES[next.for]} s`
  }
}

function markdown(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

if (import.meta.main) console.log(renderDecisionTable())
