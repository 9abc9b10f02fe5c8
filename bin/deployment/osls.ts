// Runs osls, the open fork of the Serverless Framework 3, on this project's serverless.yml.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Failure } from '../operator/failure.ts'

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
      stream.setEncoding('utf8').on('data', (text: string) => {
        printed += text
        if (show) process.stdout.write(text)
      })
    }
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) return resolve(printed)
      const said = printed.replaceAll(/^(Error:|Environment:.*|Docs:.*|Learn more.*)$/gm, '').trim()
      reject(
        new Failure(`osls ${args[0]} failed${show ? '' : `: ${said}`}`, show ? 'The reason stands above.' : undefined),
      )
    })
  })
}
