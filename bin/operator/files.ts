import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { textOf } from '../../lib/wechatpay/text.ts'
import { Failure } from './failure.ts'

/** A path as the person meant it: npm runs commands in the project's folder, wherever they were typed. */
export const pathOf = (path: string): string =>
  resolve(process.env.INIT_CWD ?? '.', path.replace(/^~(?=\/)/, homedir()))

/**
 * A file as text, whatever wrote it: UTF-16 is read as such, a binary key or certificate comes as base64.
 *
 * @param option how another file is named, where a default stands for it
 * @throws Failure that names it and says what to do
 */
export async function readText(path: string, option?: string): Promise<string> {
  const bytes = await readFile(pathOf(path)).catch((error: NodeJS.ErrnoException) => {
    const next =
      option !== undefined && error.code === 'ENOENT'
        ? `Give the file with ${option} <file>.`
        : 'Look at the path and its permissions: ls -l'
    const what = error.code === 'ENOENT' ? 'is not there' : 'cannot be read'
    throw new Failure(`${path} ${what} (${error.code})`, next)
  })
  return textOf(bytes)
}
