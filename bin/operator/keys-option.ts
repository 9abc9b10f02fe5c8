import { Failure } from './failure.ts'

/** Collects `<id>=<file>` of an option that may be repeated. @throws Failure for anything else */
export const collectKeys =
  (option: string) =>
  (text: string, keys: Record<string, string>): Record<string, string> => {
    const [id = '', file = ''] = text.split(/=(.*)/s)
    if (id === '' || file === '') throw new Failure(`${option} ${text}: must be <serial or PUB_KEY_ID>=<file>`)
    return { ...keys, [id]: file }
  }
