import { inLanguage } from '../language/in-language.ts'
import { Failure } from './failure.ts'

const text = inLanguage({
  en: {
    noTerminal: (streams: readonly string[]) =>
      `nothing was done: ${streams.join(' and ')} ${streams.length === 1 ? 'is' : 'are'} no terminal, so nobody can be asked`,
    giveYes: 'Give --yes to go on unasked.',
    nothingDone: 'nothing was done',
  },
  'zh-CN': {
    noTerminal: (streams) => `什么都没做：${streams.join(' 和 ')} 不是终端，没法请人确认`,
    giveYes: '不需要确认，请加 --yes。',
    nothingDone: '什么都没做',
  },
})

/**
 * Asks a person before something happens.
 * @throws Failure when the answer is no, or when nobody can be asked: a script says `--yes`
 */
export async function confirm(
  question: string,
  yes: boolean | undefined,
  { stdin, stderr }: { stdin: NodeJS.ReadableStream & Tty; stderr: NodeJS.WritableStream & Tty } = process,
): Promise<void> {
  if (yes) return
  const silent = Object.entries({ stdin, stderr }).flatMap(([name, { isTTY }]) => (isTTY ? [] : [name]))
  if (silent.length > 0) throw new Failure(text.noTerminal(silent), text.giveYes)
  const prompts = await import('@inquirer/prompts')
  const asked = prompts.confirm({ message: question, default: false }, { input: stdin, output: stderr })
  const answer = await asked.catch((error: Error) => {
    if (error.name === 'ExitPromptError') return false
    throw error
  })
  if (!answer) throw new Failure(text.nothingDone)
}

interface Tty {
  isTTY?: boolean
}
