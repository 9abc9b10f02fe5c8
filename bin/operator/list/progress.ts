import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { text } from '../../texts/send.ts'
import { Failure } from '../failure.ts'
import { cannotRead, pathOf } from '../files.ts'

/** How far a list has been sent. */
export interface Progress {
  list_sha256: string
  queue: string
  /** So many orders from the top are on the queue. */
  sent: number
  orders: number
}

/** Keeps how far a list has been sent, beside it, until all of it has. */
export function createProgress(list: string) {
  const path = `${list}.progress.json`

  return {
    path,

    /** How far the same list was sent to the same queue. @throws Failure when what is kept there is about anything else */
    async read({ list_sha256, queue }: Omit<Progress, 'sent'>): Promise<number> {
      const json = await readFile(pathOf(path), 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined
        throw cannotRead(path, error)
      })
      if (json === undefined) return 0
      const kept = parse(json)
      if (kept?.sent === 0) return 0
      if (kept === undefined) throw new Failure(text.noProgress(path), text.sendAgain)
      const { sent, orders } = kept
      if (kept.queue !== queue)
        throw new Failure(text.otherQueue(sent, orders, kept.queue), text.both(text.goOnThere, text.sendAgain))
      if (kept.list_sha256 !== list_sha256) throw new Failure(text.listChanged(sent, orders), text.sendAgain)
      return sent
    },

    /** Never half of it stands there, whenever this process ends. @throws Failure when nothing can be kept there */
    async write(progress: Progress): Promise<void> {
      try {
        await writeFile(`${pathOf(path)}.new`, `${JSON.stringify(progress)}\n`)
        await rename(`${pathOf(path)}.new`, pathOf(path))
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        throw new Failure(text.progressNotWritten(path, String(code)), text.writableFolder)
      }
    },

    remove: () => rm(pathOf(path), { force: true }),
  }
}

function parse(json: string): Progress | undefined {
  try {
    const progress = JSON.parse(json) as Progress
    return Number.isInteger(progress.sent) && progress.sent <= progress.orders ? progress : undefined
  } catch {
    return undefined
  }
}
