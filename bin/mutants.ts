// `npm run mutants`: how many small changes of the rules no test would notice.

import { ROOMS, type RoomName } from '../test/mutants/rooms.ts'
import { mutate } from '../test/mutants/run.ts'
import { createCommand, run } from './operator/command.ts'
import { Failure } from './operator/failure.ts'

const NAMES = Object.keys(ROOMS) as RoomName[]

const command = createCommand('mutants', 'Changes the rules one by one, and shows which changes no test notices.', [
  ['', 'in all rooms; takes about two hours'],
  ['queue settlement', 'in some of them'],
  ['--again queue', 'after you wrote a test: only what nothing noticed, and what has changed'],
])
  .argument('[rooms...]', `which: ${NAMES.join(', ')} (default: all)`)
  .option('--again', 'only what no test noticed the last time, and what has changed since')
  .action(main)

function main(given: string[], { again = false }: { again?: boolean }) {
  const unknown = given.find((name) => !(NAMES as string[]).includes(name))
  if (unknown !== undefined) throw new Failure(`there is no room ${unknown}`, `The rooms: ${NAMES.join(', ')}`)
  const scores = (given.length > 0 ? (given as RoomName[]) : NAMES).map((room) => mutate(room, again))
  console.log('')
  for (const { room, killed, endless, survived } of scores) {
    const noticed = killed + endless
    const all = noticed + survived
    const share = ((100 * noticed) / all).toFixed(1)
    console.log(`${room.padEnd(14)} ${noticed} of ${all} noticed (${endless} never end), ${share} %`)
  }
}

await run(command)
