import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, beforeEach, test } from 'node:test'
import { SendMessageCommand } from '@aws-sdk/client-sqs'

/** A host that takes messages, and how many it was asked to. */
async function openHost() {
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
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const ofQueue = await openHost()
const endpoint = await openHost()
Object.assign(process.env, { AWS_REGION: 'ap-southeast-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' })
const VARIABLES = ['AWS_ENDPOINT_URL_SQS', 'AWS_ENDPOINT_URL']

beforeEach(() => {
  for (const name of VARIABLES) delete process.env[name]
  for (const { asked } of [ofQueue, endpoint]) asked.length = 0
})

/** The client of a new environment. */
async function freshClient() {
  const { sqsClient } = (await import(`../../../lib/aws/sqs-client.ts?${Math.random()}`)) as {
    sqsClient: typeof import('../../../lib/aws/sqs-client.ts').sqsClient
  }
  return sqsClient
}

async function askedOnce() {
  const client = (await freshClient())()
  await client.send(new SendMessageCommand({ QueueUrl: `${ofQueue.url}/000000000000/orders`, MessageBody: 'x' }))
  client.destroy()
  return { ofQueue: ofQueue.asked, endpoint: endpoint.asked }
}

for (const name of VARIABLES) {
  test(`${name} is asked, whatever host the queue’s URL names`, async () => {
    process.env[name] = endpoint.url
    assert.deepEqual(await askedOnce(), { ofQueue: [], endpoint: ['AmazonSQS.SendMessage'] })
  })
}

test('the host of the queue’s URL is asked where no endpoint is given', async () => {
  assert.deepEqual(await askedOnce(), { ofQueue: ['AmazonSQS.SendMessage'], endpoint: [] })
})

test('an environment has one client: its queues share the connections', async () => {
  const sqsClient = await freshClient()
  assert.equal(sqsClient(), sqsClient())
})
