import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SQSClient } from '@aws-sdk/client-sqs'
import { createDeadLetters } from '../../../bin/operator/dead-letters.ts'

const ORDERS = [
  { mchid: '1900000001', appid: 'wx1', out_trade_no: 'A1' },
  { sp_mchid: '1900000100', sub_mchid: '1900000109', out_trade_no: 'A2' },
  'no order',
]

test('a letter that is sent again is in the group of its merchant, as it was before', async () => {
  const Messages = ORDERS.map((order, index) => ({ MessageId: String(index), Body: JSON.stringify(order) }))
  const groups: unknown[] = []
  const client = {
    async send({ input }: { input: Record<string, unknown> }) {
      if ('MessageBody' in input) groups.push(input.MessageGroupId)
      return 'MaxNumberOfMessages' in input ? { Messages } : {}
    },
  } as unknown as SQSClient
  const letters = createDeadLetters({ queueUrl: 'q', deadLetterQueueUrl: 'd', client })
  await letters.sendAgain((await letters.list()).letters, () => {})
  assert.deepEqual(groups, ['1900000001', '1900000109', undefined])
})
