import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { Failure } from '../failure.ts'
import { pathOf } from '../files.ts'

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
      const text = await readFile(pathOf(path), 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined
        throw new Failure(`${path} cannot be read (${error.code})`, 'Look at its permissions: ls -l')
      })
      if (text === undefined) return 0
      const kept = parse(text)
      if (kept?.sent === 0) return 0
      const anew = 'Give --again to send the list from its top: what was sent is sent twice, which is harmless.'
      if (kept === undefined) throw new Failure(`${path} does not say how far the list was sent`, anew)
      const sent = `${kept.sent} of ${kept.orders} orders were sent`
      if (kept.queue !== queue)
        throw new Failure(`${sent} to another queue: ${kept.queue}`, `Go on there with --queue. ${anew}`)
      if (kept.list_sha256 !== list_sha256) throw new Failure(`${sent}, and the list has changed since`, anew)
      return kept.sent
    },

    /** Never half of it stands there, whenever this process ends. @throws Failure when nothing can be kept there */
    async write(progress: Progress): Promise<void> {
      try {
        await writeFile(`${pathOf(path)}.new`, `${JSON.stringify(progress)}\n`)
        await rename(`${pathOf(path)}.new`, pathOf(path))
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        throw new Failure(
          `${path} cannot be written (${code}): it keeps how far the list is sent`,
          'Put the list into a folder that you may write to.',
        )
      }
    },

    remove: () => rm(pathOf(path), { force: true }),
  }
}

function parse(text: string): Progress | undefined {
  try {
    const progress = JSON.parse(text) as Progress
    return Number.isInteger(progress.sent) && progress.sent <= progress.orders ? progress : undefined
  } catch {
    return undefined
  }
}
