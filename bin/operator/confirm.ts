import { Failure } from './failure.ts'

/**
 * Asks a person before something happens; scripts, where nobody can answer, go on.
 * @throws Failure when the answer is no, or when the question cannot be shown
 */
export async function confirm(
  question: string,
  yes: boolean | undefined,
  { stdin, stderr }: { stdin: NodeJS.ReadableStream & Tty; stderr: NodeJS.WritableStream & Tty } = process,
): Promise<void> {
  if (yes || !stdin.isTTY) return
  if (!stderr.isTTY) {
    throw new Failure('nothing was done: stderr is no terminal, so nobody can be asked', 'Give --yes to go on unasked.')
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
