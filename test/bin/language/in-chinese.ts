import { runInShared } from '../shared-process/run-in-shared.ts'

export const CHINESE = { LC_ALL: 'zh_CN.UTF-8' }

/** A command in a shell that speaks Chinese. */
export const runInChinese = (name: string, args: readonly string[], env: Record<string, string> = {}) =>
  runInShared(name, args, { ...env, ...CHINESE })

/** What is written the same in every language: commands, options, paths, placeholders, values. */
const NAMES =
  /[\w.-]*\/[\w./-]+|npm (?:run [\w-]+|start)|<[^>]*>|\[[\w .]+\]|--?[\w-]+|"[^"]*"|\baws [\w-]+(?: [\w-]+)?/g

/** Two English words in a row that are no names. */
export const sentencesIn = (text: string) => text.replace(NAMES, '').match(/\b[a-z]{2,} [a-z]{2,}\b/g) ?? []
