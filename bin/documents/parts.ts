/** Puts `content` between `<!-- name:start -->` and `<!-- name:end -->`. Throws when the markers are not there. */
export function replacePart(text: string, name: string, content: string): string {
  const { from, to } = partOf(text, name)
  return `${text.slice(0, from)}${content === '' ? '' : `\n${content}`}\n${text.slice(to)}`
}

/** What stands between the markers. Throws when they are not there. */
export function readPart(text: string, name: string): string {
  const { from, to } = partOf(text, name)
  return text.slice(from, to).trim()
}

function partOf(text: string, name: string) {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`]
  const [from, to] = [text.indexOf(start), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`the text lacks ${start} … ${end}`)
  return { from: from + start.length, to }
}
