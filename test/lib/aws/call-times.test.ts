import assert from 'node:assert/strict'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { after, describe, test } from 'node:test'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { SQSClient } from '@aws-sdk/client-sqs'
import { createDeadLetters } from '../../../lib/aws/dead-letter.ts'
import { CALL_MS, CALL_OPTIONS } from '../../../lib/aws/patience.ts'
import { createReversalEvents } from '../../../lib/aws/reversal-events.ts'
import { createReversalQueue } from '../../../lib/aws/reversal-queue.ts'
import { ReversalError } from '../../../lib/reversal/errors.ts'
import type { Reversal } from '../../../lib/reversal/result.ts'

/** What a busy machine may take on top. */
const SLACK_MS = 700

const NAMES = { mchid: '1900000001', appid: 'wxd678efh567hg6787', out_trade_no: 'A1' }
const ERROR = new ReversalError('InvalidOrder', 'why')

/** The operations of our queues and events against one endpoint. */
function operations(endpoint: string) {
  const options = {
    ...CALL_OPTIONS,
    endpoint,
    region: 'ap-southeast-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  }
  const queue = createReversalQueue({ queueUrl: `${endpoint}/1/q`, client: new SQSClient(options) })
  const letters = createDeadLetters({ queueUrl: `${endpoint}/1/d`, client: new SQSClient(options) })
  const events = createReversalEvents({ eventBusName: 'bus', client: new EventBridgeClient(options) })
  return {
    put: () => queue.put(NAMES, 5),
    postpone: () => queue.postpone({ receiptHandle: 'r' }, 5),
    bury: () => letters.bury({ body: 'x', messageAttributes: {} }, ERROR),
    completed: () => events.completed(NAMES as unknown as Reversal),
    failed: () => events.failed(NAMES, ERROR),
  }
}

async function listening(server: ReturnType<typeof createServer> | ReturnType<typeof createHttpServer>) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const sockets = new Set<{ destroy(): void }>()
const silent = createServer((socket) => sockets.add(socket.on('error', () => {})))
/** Refuses the message itself, each time only just within the patience for one answer: a dead letter has three forms. */
const slow = createHttpServer((_, response) => {
  const body = JSON.stringify({ __type: 'InvalidMessageContents', message: 'no' })
  setTimeout(() => response.writeHead(400, { 'Content-Type': 'application/x-amz-json-1.0' }).end(body), 600)
})
after(() => {
  for (const socket of sockets) socket.destroy()
  silent.close()
  slow.close()
  slow.closeAllConnections()
})

for (const [what, server] of [
  ['says nothing', silent],
  ['refuses slowly', slow],
] as const) {
  const endpoint = await listening(server)
  describe(`an AWS service that ${what}`, { concurrency: true }, () => {
    for (const [name, operation] of Object.entries(operations(endpoint))) {
      test(`holds up "${name}" no longer than one call may take`, async () => {
        const startedAt = performance.now()
        await assert.rejects(operation())
        const tookMs = performance.now() - startedAt
        assert.ok(tookMs <= CALL_MS + SLACK_MS, `${tookMs} ms`)
      })
    }
  })
}
