import { widthOf } from '../language/width.ts'

/** A command of this project, as a person can paste it into a shell. */
export const npmRun = (name: string, args: readonly string[] = []): string =>
  [`npm run ${name}`, ...(args.length > 0 ? ['--', ...args.map(quoted)] : [])].join(' ')

/** Options as arguments, without those that were not given. */
export const argumentsOf = (options: Readonly<Record<string, string | undefined>>): string[] =>
  Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [name, value]))

/** A path may hold spaces, an order's number a *. */
const quoted = (arg: string) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`)

/** What stays on one line of a call: an option with its value, `>` with its file, or a word. */
const PIECE = /(?:--?\w[\w-]*|>)(?: (?![->])\S+)?|\S+/g

/** The same call on lines of at most so many columns, which a shell reads as one. */
export function callInLines(call: string, columns: number): string[] {
  const lines = ['']
  for (const [piece] of call.matchAll(PIECE)) {
    const line = lines.at(-1)!
    const longer = line === '' ? piece : `${line} ${piece}`
    // Room for the backslash that may follow.
    if (line === '' || widthOf(longer) <= columns - 2) lines[lines.length - 1] = longer
    else lines.push(`  ${piece}`)
  }
  return lines.map((line, index) => (index < lines.length - 1 ? `${line} \\` : line))
}
