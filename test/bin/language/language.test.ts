import assert from 'node:assert/strict'
import { test } from 'node:test'
import { languageOf } from '../../../bin/language/language.ts'

const cases: [says: string, args: string[], environment: NodeJS.ProcessEnv, language: 'en' | 'zh-CN'][] = [
  ['English without a locale', [], {}, 'en'],
  ['English in the C locale', [], { LANG: 'C.UTF-8' }, 'en'],
  ['English in the POSIX locale', [], { LANG: 'POSIX' }, 'en'],
  ['Chinese in a Chinese locale', [], { LANG: 'zh_CN.UTF-8' }, 'zh-CN'],
  ['Chinese wherever it is spoken', [], { LANG: 'zh_SG.GB18030' }, 'zh-CN'],
  ['English for a language we do not speak', [], { LANG: 'de_DE.UTF-8' }, 'en'],
  ['not a language that only begins like Chinese', [], { LANG: 'zha_CN.UTF-8' }, 'en'],
  ['LC_MESSAGES before LANG', [], { LC_MESSAGES: 'zh_CN.UTF-8', LANG: 'en_GB.UTF-8' }, 'zh-CN'],
  ['LC_ALL before both', [], { LC_ALL: 'C', LC_MESSAGES: 'zh_CN.UTF-8', LANG: 'zh_CN.UTF-8' }, 'en'],
  ['a variable that is empty is not set', [], { LC_ALL: '', LC_MESSAGES: '', LANG: 'zh_CN.UTF-8' }, 'zh-CN'],
  ['the first that is set decides, even for a third language', [], { LC_ALL: 'de_DE', LANG: 'zh_CN.UTF-8' }, 'en'],
  ['the option before the locale', ['--lang', 'en'], { LC_ALL: 'zh_CN.UTF-8' }, 'en'],
  ['the option in one word', ['--lang=zh-CN'], { LC_ALL: 'C' }, 'zh-CN'],
  ['the option as locales are written', ['1', '--lang', 'zh_cn'], {}, 'zh-CN'],
  ['the last option wins', ['--lang', 'zh', '--lang', 'en'], {}, 'en'],
  ['an option we do not know changes nothing', ['--lang', 'fr'], { LANG: 'zh_CN.UTF-8' }, 'zh-CN'],
  ['nor does one without a value', ['--lang'], { LANG: 'zh_CN.UTF-8' }, 'zh-CN'],
  ['nor what stands behind --', ['--', '--lang', 'zh-CN'], {}, 'en'],
  ['what a program reads is English', ['--json', '--lang', 'zh-CN'], { LANG: 'zh_CN.UTF-8' }, 'en'],
]

for (const [says, args, environment, language] of cases) {
  test(`${says}: ${JSON.stringify(environment)} ${args.join(' ')}`, () => {
    assert.equal(languageOf(args, environment), language)
  })
}
