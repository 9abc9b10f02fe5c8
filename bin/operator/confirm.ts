import { Failure } from './failure.ts'

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
  const silent = [!stdin.isTTY && 'stdin', !stderr.isTTY && 'stderr'].filter(Boolean)
  if (silent.length > 0) {
    const why = `${silent.join(' and ')} ${silent.length === 1 ? 'is' : 'are'} no terminal`
    throw new Failure(`nothing was done: ${why}, so nobody can be asked`, 'Give --yes to go on unasked.')
  }
  const prompts = await import('@inquirer/prompts')
  const asked = prompts.confirm({ message: question, default: false }, { input: stdin, output: stderr })
  const answer = await asked.catch((error: Error) => {
    if (error.name === 'ExitPromptError') return false
    throw error
  })
  if (!answer) throw new Failure('nothing was done')
}

interface Tty {
  isTTY?: boolean
}
