// `npm run try`: one story of a payment, told on the local stack.
import { Argument, InvalidArgumentError } from 'commander'
import { createCommand, run } from './operator/command.ts'
import { interrupted } from './operator/interrupted.ts'
import { announceLocalStage, type LocalStage } from './operator/local-stage.ts'
import { paint, tell } from './operator/paint.ts'
import { findRunning } from './operator/running.ts'
import { boot } from './start/boot.ts'
import { openStage } from './start/stage.ts'
import { text } from './texts/try.ts'
import { play } from './try/play.ts'
import { listed } from './try/show.ts'
import { type Name, stories } from './try/stories.ts'

const examples = [
  ['', text.listThem],
  ['lost-answer', text.playOne],
] as const

const command = createCommand('try', text.description, examples)
  .addArgument(new Argument('[story]', text.story).argParser(readName))
  .option('--stay', text.stay, Boolean(process.stdin.isTTY && process.stdout.isTTY))
  .option('--no-stay', text.noStay)
  .addHelpText('after', () => `${text.list}\n${listed()}\n`)
  .action(tryStory)

function readName(given: string): Name {
  if (Object.hasOwn(stories, given)) return given as Name
  throw new InvalidArgumentError(text.noStory)
}

async function tryStory(name: Name | undefined, { stay }: { stay: boolean }) {
  if (name === undefined) return console.log(`${listed()}\n\n  npm run try -- paid`)
  const stopping = new AbortController()
  const ended = interrupted().then(() => stopping.abort())
  const running = await findRunning<LocalStage>('stack')
  if (running !== undefined) await onRunning(running, name, stopping.signal)
  else await onOwn(name, stay, stopping.signal, ended)
}

async function onRunning(running: LocalStage, name: Name, signal: AbortSignal) {
  tell(paint.quiet(text.runs, process.stderr))
  const stage = await openStage(running)
  try {
    await play(stage, name, { signal, isOwn: false, isLeft: true })
  } finally {
    await stage.close()
  }
}

async function onOwn(name: Name, stay: boolean, signal: AbortSignal, ended: Promise<unknown>) {
  console.log(text.starts)
  const booted = await boot()
  const conceal = stay ? await announceLocalStage(booted.stage.local) : undefined
  try {
    await play(booted.stage, name, { signal, isOwn: true, isLeft: stay })
    if (!stay) return
    console.log(`\n  ${text.ownStays}`)
    await ended
  } finally {
    await conceal?.()
    await booted.close()
  }
}

await run(command)
