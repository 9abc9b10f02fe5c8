import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCommand } from '../run-command.ts'
import { runInShared } from './run-in-shared.ts'

const CALLS: [name: string, args: string[], env?: Record<string, string>][] = [
  ['state', ['--help']],
  ['state', ['--merchan']],
  ['verify', ['none.json']],
  ['verify', []],
  ['verify', [], { LC_ALL: 'zh_CN.UTF-8' }],
  ['secret', ['--other-key', 'x'], { FORCE_COLOR: '1' }],
  ['state', ['order-1', '--stage', 'local']],
  ['state', ['--help']],
]

test('beside others in one process a command ends and says the same as in one of its own', async () => {
  for (const call of CALLS) assert.deepEqual(await runInShared(...call), await runCommand(...call), call.join(' '))
})
