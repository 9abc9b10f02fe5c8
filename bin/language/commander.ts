import { Command, InvalidArgumentError, Option } from 'commander'
import { inLanguage, LANGUAGE } from './in-language.ts'
import { languageNamed } from './language.ts'
import { widthOf, wrap } from './width.ts'

const text = inLanguage({
  en: {
    help: 'show this help',
    lang: 'en or zh-CN (default: that of the shell; what --json prints is English)',
    allowed: 'Allowed choices are en, zh-CN.',
  },
  'zh-CN': {
    help: '显示本帮助',
    lang: '语言：en 或 zh-CN（默认：跟随终端；--json 的输出始终为英文）',
    allowed: '可选：en、zh-CN。',
  },
})

/** What commander writes by itself, and can be told no other words for. */
const IN_CHINESE: readonly [pattern: RegExp, words: string][] = [
  [/^Usage:$/, '用法:'],
  [/^Arguments:$/, '参数：'],
  [/^Options:$/, '选项：'],
  [/ \(((?:choices|default|env): [^()]*)\)$/, '（$1）'],
  [/（choices: /, '（可选：'],
  [/, default: (?=[^（]*）$)/, '；默认：'],
  [/（default: /, '（默认：'],
  [/（env: /, '（环境变量：'],
  [/^error: unknown option '(.*)'/, '错误：没有选项 $1'],
  [/\(Did you mean (?:one of )?(.*)\?\)/, '（是不是 $1？）'],
  [/^error: missing required argument '(.*)'/, '错误：缺少参数 $1'],
  [/^error: required option '(.*)' not specified/, '错误：缺少必需的选项 $1'],
  [/^error: option '(.*)' cannot be used with option '(.*)'/, '错误：选项 $1 不能与 $2 同时使用'],
  [/^error: option '(.*)' argument missing/, '错误：选项 $1 缺少值'],
  [/^error: too many arguments\. Expected 0 arguments but got (\d+)\./, '错误：这个命令没有参数，却给了 $1 个。'],
  [
    /^error: too many arguments\. Expected (\d+) arguments? but got (\d+)\./,
    '错误：参数过多：最多 $1 个，给了 $2 个。',
  ],
  [/^error: option '(.*)' argument '(.*)' is invalid\. ?/, '错误：选项 $1 的值 $2 无效。'],
  [/^error: option '.*' value '(.*)' from env '(.*)' is invalid\. ?/, '错误：环境变量 $2 的值 $1 无效。'],
  [/^error: command-argument value '(.*)' is invalid for argument '(.*)'\. ?/, '错误：参数 $2 的值 $1 无效。'],
  [/\bAllowed choices are (.*)\./, '可选：$1。'],
  [/(?<=可选：[^。；）]*), /g, '、'],
]

const spoken = (words: string): string =>
  LANGUAGE === 'en' ? words : IN_CHINESE.reduce((said, [pattern, chinese]) => said.replace(pattern, chinese), words)

/** An option that was not given: nothing to tell. */
const NO_DEFAULT = / \(default: (?:\{\}|\[\]|false)\)$/

/** A command whose help and errors are in the language of this process. */
export class SpokenCommand extends Command {
  constructor(name: string) {
    super(name)
    this.helpOption('-h, --help', text.help)
  }

  override error(...[message, options]: Parameters<Command['error']>): never {
    return super.error(spoken(message), options)
  }

  override createHelp() {
    const help = super.createHelp()
    const { optionDescription } = help
    return Object.assign(help, {
      styleTitle: spoken,
      optionDescription: (option: Option) => spoken(optionDescription.call(help, option).replace(NO_DEFAULT, '')),
      displayWidth: widthOf,
      boxWrap: wrap,
    })
  }
}

/** Read by `languageOf` before anything is said; here it is checked, and stands in the help. */
export const langOption = () =>
  new Option('--lang <language>', text.lang).argParser((name) => {
    const language = languageNamed(name)
    if (language === undefined) throw new InvalidArgumentError(text.allowed)
    return language
  })
