import { inLanguage } from '../language/in-language.ts'
import { Failure } from './failure.ts'

const text = inLanguage({
  en: { mustBe: (given: string) => `${given}: must be <serial or PUB_KEY_ID>=<file>` },
  'zh-CN': { mustBe: (given) => `${given}：必须是 <serial or PUB_KEY_ID>=<file>` },
})

/** Collects `<id>=<file>` of an option that may be repeated. @throws Failure for anything else */
export const collectKeys =
  (option: string) =>
  (given: string, keys: Record<string, string>): Record<string, string> => {
    const [id = '', file = ''] = given.split(/=(.*)/s)
    if (id === '' || file === '') throw new Failure(text.mustBe(`${option} ${given}`))
    return { ...keys, [id]: file }
  }
