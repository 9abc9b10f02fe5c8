import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { oslsArguments } from '../../../bin/deployment/options.ts'
import { npmRun } from '../../../bin/operator/npm-run.ts'
import { runCommand } from '../run-command.ts'
import { runInShared } from '../shared-process/run-in-shared.ts'

describe('which deployment is meant', { concurrency: 4 }, () => {
  const mistakes: [what: string, args: string[], says: RegExp][] = [
    ['a stage with _', ['--stage', 'pr_od'], /^✘ pr_od cannot be the name of a stage\n {2}→ .*--stage prod\n$/],
    ['a stage that looks like an option', ['--stage', '-x'], /-x cannot be the name of a stage/],
    ['no stage', ['--stage', ''], /cannot be the name of a stage/],
    ['a parameter there is none of', ['--param', 'merchant=a'], /no parameter merchant\n {2}→ There are: merchants, /],
    ['the second of two', ['--param', 'logLevel=INFO', 'alarmMail=a@b.c'], /no parameter alarmMail/],
  ]
  for (const name of ['package', 'deploy']) {
    for (const [what, args, says] of mistakes) {
      test(`${name}: ${what} is refused at once`, async () => {
        const { code, stderr } = await runInShared(name, args)
        assert.equal(code, 1)
        assert.match(stderr, says)
      })
    }
  }

  test('a value that is refused while the template is made is told in two lines', async () => {
    const { code, stderr } = await runCommand('package', ['--param', 'merchants=a b'])
    assert.equal(code, 1)
    assert.match(stderr, /^✘ .*params\.merchants: a name is letters and digits only, not 'a b'\n$/)
  })

  test('known parameters are taken', async () => {
    const params = ['--param', 'logLevel=INFO', 'alarmEmail=a@b.c', '--param', 'merchants=one']
    const { stderr } = await runInShared('deploy', ['--stage', '2nd-Prod', ...params])
    assert.match(stderr, /no AWS credentials/)
  })

  test('a command to paste repeats it, quoted for the shell', () => {
    const given = { stage: 'prod', region: 'cn-north-1', param: ['alarmEmail=a@b.c', "payFunction=it's *"] }
    assert.equal(
      npmRun('deploy', oslsArguments(given)),
      "npm run deploy -- --stage prod --region cn-north-1 --param alarmEmail=a@b.c --param 'payFunction=it'\\''s *'",
    )
    assert.equal(npmRun('deploy', oslsArguments({})), 'npm run deploy')
  })
})

test('an example without arguments is the command alone', async () => {
  const { stdout } = await runCommand('package', ['--help'])
  assert.match(stdout, /^ +npm run package\n.*:\n +npm run package -- --stage prod$/m)
})
