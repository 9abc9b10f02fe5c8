import stringWidth from 'fast-string-width'

/** Columns of a terminal: a Chinese character takes two, a colour none. */
export const widthOf = (text: string): number => stringWidth(text)

/** `padEnd`, in columns. */
export const padEnd = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - widthOf(text)))

/** `padStart`, in columns. */
export const padStart = (text: string, columns: number): string =>
  ' '.repeat(Math.max(0, columns - widthOf(text))) + text

/** What stays on one line: a word, or a Chinese character; each with the brackets and stops that belong to it. */
const PIECE = /\s+|[（「《“]*(?:\p{Script=Han}|[^\s\p{Script=Han}（「《“]+)?[、，。；：！？）」》”…]*/gu

/** Breaks lines that are wider than so many columns: between words, and between Chinese characters. */
export const wrap = (text: string, columns: number): string =>
  text
    .split('\n')
    .map((line) => wrapLine(line, columns))
    .join('\n')

function wrapLine(text: string, columns: number): string {
  const lines = ['']
  for (const [piece] of text.matchAll(PIECE)) {
    const line = lines.at(-1)!
    if (widthOf(line + piece.trimEnd()) <= columns) lines[lines.length - 1] = line + piece
    else lines.push(piece.trimStart())
  }
  return lines.map((line) => line.trimEnd()).join('\n')
}
