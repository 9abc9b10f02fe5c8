import { Failure } from './failure.ts'

/** Asks a person before something happens; nobody is asked where nobody can answer. @throws Failure when the answer is no */
export async function confirm(question: string, yes: boolean | undefined): Promise<void> {
  if (yes || !process.stdin.isTTY || !process.stderr.isTTY) return
  const prompts = await import('@inquirer/prompts')
  const asked = prompts.confirm({ message: question, default: false }, { output: process.stderr })
  const answer = await asked.catch((error: Error) => {
    if (error.name === 'ExitPromptError') return false
    throw error
  })
  if (!answer) throw new Failure('nothing was done')
}
