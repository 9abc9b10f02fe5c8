import { styleText } from 'node:util'

type Stream = NodeJS.WriteStream

const style =
  (format: Parameters<typeof styleText>[0]) =>
  (text: string, stream: Stream = process.stdout) =>
    styleText(format, text, { stream })

/** Colours by meaning. None where they would be in the way: no terminal, `NO_COLOR`. */
export const paint = {
  ok: style('green'),
  warning: style('yellow'),
  failed: style('red'),
  skipped: style('dim'),
  quiet: style('dim'),
  strong: style('bold'),
}

/** What happens while a command works: beside its output, so that `--json` and pipes stay clean. */
export function tell(text: string) {
  process.stderr.write(`${text}\n`)
}
