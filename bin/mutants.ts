// `npm run mutants`: how many small changes of the rules no test would notice.

import { ROOMS, type RoomName } from '../test/mutants/rooms.ts'
import { mutate } from '../test/mutants/run.ts'
import { createCommand, run } from './operator/command.ts'
import { Failure } from './operator/failure.ts'

const NAMES = Object.keys(ROOMS) as RoomName[]

const command = createCommand('mutants', 'Changes the rules one by one, and shows which changes no test notices.', [
  ['', 'in all rooms; takes about an hour'],
  ['queue settlement', 'in some of them'],
])
  .argument('[rooms...]', `which: ${NAMES.join(', ')} (default: all)`)
  .action(main)

function main(given: string[]) {
  const unknown = given.find((name) => !(NAMES as string[]).includes(name))
  if (unknown !== undefined) throw new Failure(`there is no room ${unknown}`, `The rooms: ${NAMES.join(', ')}`)
  const scores = (given.length > 0 ? (given as RoomName[]) : NAMES).map(mutate)
  console.log('')
  for (const { room, killed, survived } of scores) {
    const share = ((100 * killed) / (killed + survived)).toFixed(1)
    console.log(`${room.padEnd(14)} ${killed} of ${killed + survived} noticed, ${share} %`)
  }
}

await run(command)
