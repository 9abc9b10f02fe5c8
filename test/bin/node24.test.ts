import assert from 'node:assert/strict'
import { chmodSync, copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startProcess } from '../child-process.ts'
import { CHINESE } from './language/in-chinese.ts'
import { file, folder } from './run-command.ts'

const root = join(import.meta.dirname, '..', '..')

mkdirSync(join(folder, 'bin'))
copyFileSync(join(root, 'bin/node24.mjs'), join(folder, 'bin/node24.mjs'))
chmodSync(file('bin/npm', '#!/bin/sh\nexit 1\n'), 0o755)

const cases: [language: string, env: NodeJS.ProcessEnv, says: RegExp][] = [
  ['English', {}, /^Installing what is missing .*\nnpm ci did not finish\. Is the npm registry within reach\?\n$/],
  ['Chinese', CHINESE, /^正在安装缺少的依赖.*\nnpm ci 没有完成。请检查能否连上 npm 的 registry。\n$/],
]
for (const [language, env, says] of cases) {
  test(`the first command of a fresh clone, without the registry, says so in ${language}`, async () => {
    const { code, stderr } = await startProcess(process.execPath, ['bin/node24.mjs', 'bin/start.ts'], {
      cwd: folder,
      env: { ...env, PATH: join(folder, 'bin') },
    }).ended
    assert.equal(code, 1)
    assert.match(stderr, says)
  })
}
