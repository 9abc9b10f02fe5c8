import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { folder, startNode } from '../child-process.ts'

export { folder } from '../child-process.ts'

const root = join(import.meta.dirname, '..', '..')

/** Writes a file there and gives its path. */
export function file(name: string, content: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content))
  return path
}

/** Starts `bin/<name>.ts` as npm does, in a process of its own that sees nothing of this machine's accounts and local stacks. */
export const startCommand = (name: string, args: readonly string[], env: Record<string, string> = {}) =>
  startNode([join('bin', `${name}.ts`), ...args], { cwd: root, env: { LOCAL_STAGE_FOLDER: folder, ...env } })

export const runCommand = (...command: Parameters<typeof startCommand>) => startCommand(...command).ended
