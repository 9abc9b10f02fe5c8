import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { createReversalQueue } from '../../../lib/aws/reversal-queue.ts'

const asked: string[] = []
const server = createServer(async (request, response) => {
  asked.push(String(request.headers['x-amz-target']))
  const { MessageBody } = JSON.parse(await text(request))
  const MD5OfMessageBody = createHash('md5').update(MessageBody).digest('hex')
  response
    .setHeader('content-type', 'application/x-amz-json-1.0')
    .end(JSON.stringify({ MessageId: '1', MD5OfMessageBody }))
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
after(() => {
  server.closeAllConnections()
  server.close()
})

test('AWS_ENDPOINT_URL_SQS is asked, whatever host the queue’s URL names', async () => {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SQS: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: 'ap-southeast-1',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
  })
  const queue = createReversalQueue({ queueUrl: 'https://sqs.ap-southeast-1.amazonaws.com/000000000000/orders' })
  await queue.put({ mchid: '1900000001', appid: 'wxd678efh567hg6787', out_trade_no: 'A1' }, 0)
  assert.deepEqual(asked, ['AmazonSQS.SendMessage'])
})
