// Runs osls, the open fork of the Serverless Framework 3, on this project's serverless.yml.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { Failure } from '../operator/failure.ts'
import { text } from './text.ts'

/**
 * Runs an osls command in a folder that holds serverless.yml, and resolves with what it printed.
 * Rejects with a Failure that holds that text when the command fails.
 */
export function osls(args: string[], { cwd, show = false }: { cwd: string; show?: boolean }): Promise<string> {
  const command = join(dirname(createRequire(import.meta.url).resolve('osls/package.json')), 'bin', 'serverless.js')
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let printed = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (piece: string) => {
        printed += piece
        if (show) process.stdout.write(piece)
      })
    }
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) return resolve(printed)
      reject(
        show
          ? new Failure(text.oslsFailed(String(args[0])), text.reasonAbove)
          : new Failure(text.oslsFailedBecause(String(args[0]), reasonIn(printed))),
      )
    })
  })
}

/** What is wrong, without where osls found it: of a file of ours that refuses a value, its own words alone. */
export function reasonIn(printed: string): string {
  const refused = /Received rejection: Error: (.*)/.exec(printed)?.[1]
  if (refused !== undefined) return refused
  return stripVTControlCharacters(printed)
    .replaceAll(/^(Error:|Environment:.*|Docs:.*|Learn more.*|\s+at .*)$/gm, '')
    .trim()
}
