import { rmSync } from 'node:fs'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { constants } from 'node:os'
import type { BillRefusal } from '../../../lib/wechatpay/bill-refused.ts'
import type { Bill } from '../../../lib/wechatpay/bills.ts'
import { text } from '../../texts/settle.ts'
import { Failure } from '../failure.ts'
import { pathOf } from '../files.ts'

/** The bytes are those that WeChat Pay signed, and we cannot read them: somebody must look at them. */
const SIGNED: ReadonlySet<BillRefusal> = new Set(['not a bill', 'wrong count', 'another merchant', 'another day'])

/** Each ends in an exit of our own, so that nothing of the bill stays behind. */
const INTERRUPTIONS = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map(
  (signal) => [signal, () => process.exit(128 + constants.signals[signal])] as const,
)

/**
 * Keeps a bill in a file that its owner alone may read: it holds personal data. Until the bill is known to be whole, the
 * file has another name.
 *
 * @throws Failure when there is such a file already
 */
export async function createBillFile(path: string) {
  const [whole, part, refused] = ['', '.part', '.refused'].map((ending) => `${pathOf(path)}${ending}`) as [
    whole: string,
    part: string,
    refused: string,
  ]
  for (const taken of [whole, refused]) {
    if ((await stat(taken).catch(() => undefined)) === undefined) continue
    throw new Failure(text.isTaken(taken), text.otherName)
  }
  let file: FileHandle | undefined
  const removePart = () => rmSync(part, { force: true })

  async function write(chunk: Buffer) {
    try {
      if (file === undefined) {
        // Of a run that was killed. A new file has the right mode for certain.
        await rm(part, { force: true })
        file = await open(part, 'wx', 0o600)
        process.once('exit', removePart)
        for (const [signal, end] of INTERRUPTIONS) process.once(signal, end)
      }
      await file.writeFile(chunk)
    } catch (error) {
      throw new Failure(text.notSaved(path, String((error as NodeJS.ErrnoException).code)))
    }
  }

  /** Gives the file the name that its bill deserves; undefined when none is left. */
  async function end(bill: Bill): Promise<string | undefined> {
    if (file === undefined) return undefined
    await file.close()
    file = undefined
    process.off('exit', removePart)
    for (const [signal, end] of INTERRUPTIONS) process.off(signal, end)
    const name =
      bill.kind === 'whole' ? whole : bill.kind === 'refused' && SIGNED.has(bill.reason) ? refused : undefined
    if (name === undefined) await rm(part)
    else await rename(part, name)
    return name
  }

  return { write, end }
}

export type BillFile = Awaited<ReturnType<typeof createBillFile>>
