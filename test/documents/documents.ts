import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')

export const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** A fenced block of code, its fence left off. */
export interface CodeBlock {
  language: string
  text: string
}

/** Those within a list are indented with it. */
const FENCED = /^( *)```(\w*)\n([\s\S]*?)^\1```$/gm

export const codeBlocks = (markdown: string): CodeBlock[] =>
  [...markdown.matchAll(FENCED)].map(([, indent, language, text]) => ({
    language: language!,
    text: text!.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }))

export const withoutCode = (markdown: string) => markdown.replaceAll(FENCED, '')

/** Level and words of every heading. */
export const headings = (markdown: string) =>
  [...withoutCode(markdown).matchAll(/^(#+) (.*)$/gm)].map(([, marks, title]) => ({
    level: marks!.length,
    title: title!,
  }))

/** What a link into a text may end in: its headings as GitHub spells them, and what is marked by hand. */
export const anchors = (markdown: string): string[] => [
  ...headings(markdown).map(({ title }) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  ),
  ...[...markdown.matchAll(/<a id="([\w-]+)"><\/a>/g)].map(([, id]) => id!),
]

/** Where the links of a text lead, in their order. */
export const links = (markdown: string): string[] =>
  [...withoutCode(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!)

/** Every table as rows of cells, the line under its head left off. */
export const tables = (markdown: string): string[][][] =>
  [...withoutCode(markdown).matchAll(/(?:^\|.*\|\n)+/gm)].map(([table]) =>
    table
      .trim()
      .split('\n')
      .filter((line) => !/^\|[-: |]+\|$/.test(line))
      .map((line) =>
        line
          .slice(1, -1)
          .split(/(?<!\\)\|/)
          .map((cell) => cell.trim()),
      ),
  )

/** The part between `<!-- name:start -->` and `<!-- name:end -->`. */
export const part = (markdown: string, name: string) =>
  markdown.split(`<!-- ${name}:start -->`)[1]!.split(`<!-- ${name}:end -->`)[0]!
