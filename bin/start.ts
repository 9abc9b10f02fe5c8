// `npm start`: boots the whole stack on this machine and shows nine reversals.
import { createCommand, run } from './operator/command.ts'
import { boot } from './start/boot.ts'
import { stayOpen } from './start/by-hand.ts'
import { openInBrowser } from './start/open-in-browser.ts'
import { type Run, runStory } from './start/runs.ts'
import { showHowToStay, showRun, showStory, showTable, showTitle } from './start/show.ts'
import { stories } from './start/stories.ts'
import { ways } from './start/ways.ts'
import { text } from './texts/start.ts'

const isTerminal = Boolean(process.stdin.isTTY && process.stdout.isTTY)
const examples = [
  ['', text.examples.byHand],
  ['--stay', text.examples.stay],
  ['--open', text.examples.open],
] as const
const command = createCommand('start', text.description, examples)
  .option('--stay', text.stay, isTerminal)
  .option('--no-stay', text.noStay)
  .option('--open', text.open)
  .action(start)

/** Exit code 0 when every reversal ended as it should, 1 otherwise. */
async function start({ stay, open = false }: { stay: boolean; open?: boolean }) {
  showTitle()
  const booted = await boot()
  if (open) openInBrowser(booted.stage.local.pageUrl)
  const runs: Run[] = []
  for (const [index, story] of stories.entries()) {
    showStory(story, index + 1)
    for (const done of await Promise.all(ways.map((way) => runStory(booted.stage, story, way)))) {
      showRun(done)
      runs.push(done)
    }
  }
  showTable(runs)
  process.exitCode = runs.every(({ problems }) => problems.length === 0) ? 0 : 1

  if (stay || open) await stayOpen(booted)
  else showHowToStay()
  await booted.close()
}

await run(command)
