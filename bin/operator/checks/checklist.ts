import { LANGUAGE } from '../../language/in-language.ts'
import { padEnd } from '../../language/width.ts'
import { paint } from '../paint.ts'
import { refusalInChinese } from './refusals.zh-CN.ts'
import { text } from './text.ts'

export type Status = 'ok' | 'warning' | 'failed' | 'skipped'

/** What came of looking at one thing. `fix` says what to do about it. */
export interface Finding {
  status: Status
  detail: string
  fix?: string
}

export const ok = (detail: string): Finding => ({ status: 'ok', detail })
export const warning = (detail: string, fix: string): Finding => ({ status: 'warning', detail, fix })
export const failed = (detail: string, fix: string): Finding => ({ status: 'failed', detail, fix })
/** It could not be looked at, because of something before it. */
export const skipped = (because: string): Finding => ({ status: 'skipped', detail: because })

/** What is wrong with a value, in the language of the command. @param what of a reader in lib */
export const refusal = (what: string): string => (LANGUAGE === 'zh-CN' ? (refusalInChinese(what) ?? what) : what)

/** What to do about it, as a sentence. @param fix "put it there" of a reader in lib */
export const remedy = (fix: string): string =>
  LANGUAGE === 'zh-CN' ? `${refusal(fix)}。` : `${fix[0]!.toUpperCase()}${fix.slice(1)}.`

/** A line of the checklist. `at` is what was looked at: the secret, or one of WeChat Pay's domains. */
export interface Check extends Finding {
  at: string
  check: string
  ms: number
}

export type Checklist = ReturnType<typeof createChecklist>

/** Makes checks one after the other and keeps what came of them; each is shown as soon as it is made. */
export function createChecklist(show: (check: Check) => void) {
  const checks: Check[] = []

  function add(at: string, check: string, finding: Finding, ms: number) {
    const made = { at, check, ...finding, ms: Math.round(ms) }
    checks.push(made)
    show(made)
  }

  return {
    checks: checks as readonly Check[],
    isHealthy: () => checks.every(({ status }) => status !== 'failed'),
    /** Adds what was found already; `ms` is what finding it took. */
    add,
    async make(at: string, check: string, examine: () => Finding | Promise<Finding>) {
      const startedAt = performance.now()
      add(at, check, await examine(), performance.now() - startedAt)
    },
  }
}

const MARKS = { ok: '✔', warning: '!', failed: '✘', skipped: '–' } as const satisfies Record<Status, string>

/** Prints each check as a line with its mark and time, what to do below it, under a heading for what was looked at. */
export function createPrinter(write: (line: string) => void): (check: Check) => void {
  let heading: string | undefined
  return ({ at, check, status, detail, fix, ms }) => {
    if (at !== heading) write(`${heading === undefined ? '' : '\n'}${paint.strong(at)}`)
    heading = at
    const colour = paint[status]
    write(
      `  ${colour(MARKS[status])} ${padEnd(check, 24)} ${paint.quiet(`${ms} ms`.padStart(8))}  ${status === 'skipped' ? paint.skipped(text.skipped(detail)) : detail}`,
    )
    if (fix !== undefined) write(`${' '.repeat(15)}${colour('→')} ${fix}`)
  }
}
