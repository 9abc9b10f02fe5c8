import { inLanguage } from '../language/in-language.ts'
import { Failure } from './failure.ts'

const text = inLanguage({
  en: {
    noAnswer: (url: string) => `nothing answers at ${url}`,
    isItRunning: 'Look whether it is still running.',
    refused: (request: string, why: string) => `${request}: ${why}`,
  },
  'zh-CN': {
    noAnswer: (url) => `${url} 没有应答`,
    isItRunning: '请看看它是否还在运行。',
    refused: (request, why) => `${request}：${why}`,
  },
})

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
      throw new Failure(text.noAnswer(url), text.isItRunning, { cause: error })
    })
    const answer = (await response.json()) as Answer & { error?: string }
    if (response.ok) return answer
    throw new Failure(text.refused(`${method} ${path}`, String(answer.error)))
  }
