import { Failure } from './failure.ts'

/** Nothing there takes longer. */
const PATIENCE_MS = 10_000

/** Asks the control API of WeChat Pay's stand-in; docs/sandbox.md lists what there is. */
export type Control = <Answer = unknown>(method: string, path: string, body?: object) => Promise<Answer>

/**
 * @param url the control's address, without `/simulator`
 * @throws Failure in the control's own words, or when it is not there
 */
export const createControl =
  (url: string): Control =>
  async <Answer>(method: string, path: string, body?: object) => {
    const response = await fetch(`${url}/simulator${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).catch((error: Error) => {
      throw new Failure(`nothing answers at ${url}`, 'Look whether it is still running.', { cause: error })
    })
    const answer = (await response.json()) as Answer & { error?: string }
    if (response.ok) return answer
    throw new Failure(`${method} ${path}: ${answer.error}`)
  }
