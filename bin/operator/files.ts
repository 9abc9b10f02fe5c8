import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { Failure } from './failure.ts'

/** A path as the person meant it: npm runs commands in the project's folder, wherever they were typed. */
export const pathOf = (path: string): string =>
  resolve(process.env.INIT_CWD ?? '.', path.replace(/^~(?=\/)/, homedir()))

/** A file as text. @throws Failure that names it and says what to do */
export async function readText(path: string): Promise<string> {
  return await readFile(pathOf(path), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Failure(`${path} cannot be read (${error.code})`, 'Look at the path and its permissions: ls -l')
  })
}
