import { InvalidArgumentError, Option } from 'commander'
import { inLanguage } from '../language/in-language.ts'

const text = inLanguage({
  en: { mustBe: 'It must be an address, https://…' },
  'zh-CN': { mustBe: '必须是 https:// 开头的地址。' },
})

/** An option whose value is an address: the SDK would ask AWS's own instead of one that it cannot read. */
export const addressOption = (name: string, description: string) =>
  new Option(`${name} <url>`, description).argParser((given) => {
    if (/^https?:$/.test(URL.parse(given)?.protocol ?? '')) return given
    throw new InvalidArgumentError(text.mustBe)
  })
