import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { describe, test } from 'node:test'
import { confirm } from '../../../bin/operator/confirm.ts'

/** A shell's streams, each a terminal or not. */
const shell = (isAtTerminal: boolean, isShown: boolean) => ({
  stdin: Object.assign(new PassThrough(), { isTTY: isAtTerminal }),
  stderr: Object.assign(new PassThrough(), { isTTY: isShown }),
})

describe('before money moves', () => {
  test('a person at the terminal is asked, and goes on with yes alone', async () => {
    for (const [answer, goesOn] of [
      ['y', true],
      ['n', false],
      ['', false],
    ] as const) {
      const { stdin, stderr } = shell(true, true)
      const asked = confirm('Go on?', undefined, { stdin, stderr })
      const [question] = await once(stderr, 'data')
      assert.match(String(question), /Go on\?/)
      stdin.write(`${answer}\n`)
      if (goesOn) await asked
      else await assert.rejects(asked, { message: 'nothing was done' })
    }
  })

  test('a person who would not see the question is told to give --yes', async () => {
    await assert.rejects(confirm('Go on?', undefined, shell(true, false)), { next: /--yes/ })
  })

  test('--yes answers it', async () => {
    await confirm('Go on?', true, shell(true, true))
    await confirm('Go on?', true, shell(true, false))
  })

  test('a script goes on with --yes alone', async () => {
    for (const isShown of [false, true]) {
      await assert.rejects(confirm('Go on?', undefined, shell(false, isShown)), { message: /stdin/, next: /--yes/ })
      await confirm('Go on?', true, shell(false, isShown))
    }
  })
})
