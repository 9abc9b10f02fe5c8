import type { Command } from 'commander'
import { langOption, SpokenCommand } from '../language/commander.ts'
import { IS_OF_DEVELOPERS, inLanguage } from '../language/in-language.ts'
import { wrap } from '../language/width.ts'
import { explainAwsError } from './aws.ts'
import { Failure } from './failure.ts'
import { enterLocalStage, LOCAL } from './local-stage.ts'
import { callInLines } from './npm-run.ts'
import { paint } from './paint.ts'

const text = inLanguage({
  en: {
    examples: 'Examples:',
    example: (does: string) => `${does}:`,
    everyOption: (call: string) => `Every option: ${call}`,
    keptByNpm: (options: readonly string[]) => `npm kept ${options.join(' and ')} for itself`,
    dashesFirst: (call: string) => `Put -- before the options: ${call}`,
  },
  'zh-CN': {
    examples: '示例：',
    example: (does) => `${does}：`,
    everyOption: (call) => `查看全部选项：${call}`,
    keptByNpm: (options) => `npm 自己收下了 ${options.join('、')}，没有转交给命令`,
    dashesFirst: (call) => `请在选项之前加上 --：${call}`,
  },
})

/** A line of `--help`: the arguments, and what they are good for. */
export type Example = readonly [args: string, does: string]

/** The narrowest terminal that people have. */
const HELP_COLUMNS = 80

/** npm writes a line of its own onto stdout, which would stand in a file. */
const npmRunFor = (args: string) => (args.includes(' > ') ? 'npm run --silent' : 'npm run')

const indented = (columns: number, lines: readonly string[]) => lines.map((line) => ' '.repeat(columns) + line)

/**
 * One of this project's commands, alike in help, errors and words: `npm run <name> -- …`.
 *
 * @param required the options that must be given, such as `--merchant`
 */
export function createCommand(
  name: string,
  description: string,
  examples: readonly Example[],
  required: readonly string[] = [],
): Command {
  const call = `npm run ${name} --`
  const lines = examples.flatMap(([args, does]) => [
    ...indented(2, wrap(text.example(does), HELP_COLUMNS - 2).split('\n')),
    ...indented(4, callInLines(`${npmRunFor(args)} ${name}${args && ` -- ${args}`}`, HELP_COLUMNS - 4)),
  ])
  return new SpokenCommand(call)
    .description(description)
    .addHelpText('after', `\n${text.examples}\n${lines.join('\n')}\n`)
    .showHelpAfterError(text.everyOption(`${call} --help`))
    .hook('preAction', async (command) => {
      if (command.getOptionValue('stage') === LOCAL) await enterLocalStage(command)
      // After the arguments are read, and so after a misspelt one was named with its nearest.
      for (const option of command.options.filter(({ long }) => required.includes(long ?? ''))) {
        if (command.getOptionValue(option.attributeName()) !== undefined) continue
        command.error(`error: required option '${option.flags}' not specified`)
      }
    })
}

/**
 * Runs a command to its exit code. What a person can put right is told in a line with the next step;
 * only a fault of the command itself shows where it happened.
 */
export async function run(command: Command): Promise<void> {
  // Whoever reads our output may stop early, as head does.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? process.exitCode : 1))
  try {
    if (!IS_OF_DEVELOPERS) command.addOption(langOption())
    assertNothingKeptByNpm(command)
    await command.parseAsync()
  } catch (error) {
    const failure = error instanceof Failure ? error : explainAwsError(error)
    if (failure === undefined) throw error
    process.exitCode = failure.exitCode
    process.stderr.write(`${paint.failed(`✘ ${failure.message}`, process.stderr)}\n`)
    if (failure.next !== undefined) process.stderr.write(`  → ${failure.next}\n`)
  }
}

/** These mean something to npm too, and may stand in anybody's .npmrc. */
const NPMS_OWN = new Set(['--all', '--dry-run', '--json', '--key', '--offline', '--save', '--yes'])

/** `npm run redrive --stage prod`, without the `--` before it, would work on another stage than asked. */
function assertNothingKeptByNpm(command: Command) {
  const kept = command.options.flatMap(({ long }) => {
    const isGiven = process.argv.some((arg) => arg === long || arg.startsWith(`${long}=`))
    const variable = `npm_config_${long?.slice(2).replaceAll('-', '_')}`
    return long && !NPMS_OWN.has(long) && !isGiven && process.env[variable] !== undefined ? [long] : []
  })
  if (kept.length === 0) return
  throw new Failure(text.keptByNpm(kept), text.dashesFirst(`${command.name()} ${kept[0]} …`))
}
