import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { LONGEST_CHAIN, nextInChain } from '../../../infra/local/lineage.ts'
import { type LocalStack, startLocalStack } from '../../../infra/local/stack.ts'
import { fixture, taskRoot } from './fixtures/template.ts'
import { until } from './fixtures/until.ts'

test('a chain counts each function for itself and keeps its root', () => {
  const first = nextInChain('a')
  const second = nextInChain('b', [first.header])
  const third = nextInChain('a', [second.header])
  assert.deepEqual([first.count, second.count, third.count], [1, 1, 2])
  assert.match(third.header, /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0;Lineage=a:2\|b:1$/)
  assert.equal(third.header.split(';')[0], first.header.split(';')[0])
})

test('of a batch the longest chain counts', () => {
  const headers = ['Root=1-0-0;Lineage=a:3', 'Root=1-1-1;Lineage=a:15|b:2', 'Root=1-2-2', '']
  assert.equal(nextInChain('a', headers).count, 16)
})

describe('a function that sends every message to its own queue again', { concurrency: true }, () => {
  const boot = async (
    recursiveLoop: 'Allow' | undefined,
    use: (stack: LocalStack, turns: () => number) => Promise<void>,
  ) => {
    const template = fixture()
    template.Resources.Handler!.Properties.RecursiveLoop = recursiveLoop
    template.Resources.QueueRole!.Properties.Policies[0].PolicyDocument.Statement[0].Action.push('sqs:SendMessage')
    // Longer than a busy machine takes for the first turn: nothing is delivered twice.
    template.Resources.Queue!.Properties.VisibilityTimeout = 60
    const stack = await startLocalStack({ template, taskRoot })
    try {
      await stack.sendMessage({ do: 'again' })
      await use(stack, () => stack.logs('Handler').filter((line) => line.includes('batch [')).length)
    } finally {
      await stack.close()
    }
  }

  test(`is stopped after ${LONGEST_CHAIN} turns, and its message stays on the queue`, () =>
    boot(undefined, async (stack, turns) => {
      await until(() => stack.lambda.recursionsDropped('local-queue') >= 1)
      assert.equal(turns(), LONGEST_CHAIN)
      // The message before it is deleted when its own turn is over.
      await until(async () => (await stack.messages()).length === 1)
      assert.ok(stack.logs('Handler').some((line) => line.includes('POLLER RecursiveInvocationException')))
    }))

  test('goes on where the template allows it', () =>
    boot('Allow', async (stack, turns) => {
      await until(() => turns() > LONGEST_CHAIN + 1)
      assert.equal(stack.lambda.recursionsDropped('local-queue'), 0)
    }))
})
