// `npm start`: boots the whole stack on this machine and shows nine reversals.
import { createCommand, run } from './operator/command.ts'
import { boot } from './start/boot.ts'
import { stayOpen } from './start/by-hand.ts'
import { openInBrowser } from './start/open-in-browser.ts'
import { type Run, runStory } from './start/runs.ts'
import { showHowToStay, showRun, showStory, showTable, showTitle } from './start/show.ts'
import { stories } from './start/stories.ts'
import { ways } from './start/ways.ts'

const isTerminal = Boolean(process.stdin.isTTY && process.stdout.isTTY)
const examples = [
  ['', 'nine reversals; then, in a terminal, it stays up for trying by hand'],
  ['--stay', 'stay up without a terminal, too'],
  ['--open', 'stay up, and open the page that shows it live'],
] as const
const command = createCommand('start', 'Boots the whole stack on this machine and shows nine reversals.', examples)
  .option('--stay', 'stay up until Ctrl-C, terminal or not', isTerminal)
  .option('--no-stay', 'end after the nine reversals, terminal or not')
  .option('--open', 'stay up, and open its page in the browser')
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
