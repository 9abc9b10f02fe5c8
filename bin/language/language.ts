import { parseArgs } from 'node:util'

/** The languages the commands speak. */
export type Language = 'en' | 'zh-CN'

/** The commands of developers: they speak English alone, as the code does. */
export const OF_DEVELOPERS = ['bench', 'build', 'chaos', 'interfaces', 'mutants', 'readme', 'screenshot', 'test']

/** A locale (`zh_CN.UTF-8`, `C`) or a tag (`zh-CN`) as one of our languages; undefined when it is none of them. */
export function languageNamed(name: string): Language | undefined {
  if (/^zh(?![a-z])/i.test(name)) return 'zh-CN'
  return /^(en|C|POSIX)(?![a-z])/i.test(name) ? 'en' : undefined
}

/**
 * The language of a command: `--lang`, else the first that is set of LC_ALL, LC_MESSAGES and LANG, in POSIX's order
 * (official: https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html#tag_08_02). English when it is none of
 * ours, and with `--json`: what a program reads is the same everywhere.
 *
 * @param args what stands behind the command's name
 */
export function languageOf(args: readonly string[], environment: Readonly<NodeJS.ProcessEnv>): Language {
  const options = { lang: { type: 'string' }, json: { type: 'boolean' } } as const
  const { lang, json } = parseArgs({ args: [...args], options, strict: false }).values
  if (json) return 'en'
  const { LC_ALL, LC_MESSAGES, LANG } = environment
  return languageNamed(String(lang)) ?? languageNamed(LC_ALL || LC_MESSAGES || LANG || 'C') ?? 'en'
}
