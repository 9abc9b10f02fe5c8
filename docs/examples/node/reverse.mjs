// Reverses one order: node reverse.mjs http|queue <out_trade_no> [attempted_at]
// Needs Node 20 or later, and: npm install aws4fetch @aws-sdk/client-sqs
// Set MCHID and APPID, and API_URL (output HttpApiUrl) or QUEUE_URL (output ReversalQueueUrl).
// Exit code of `http`: 0 how it ended is proved, 2 not known yet (the service goes on by itself), 1 refused or not taken.
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { AwsClient } from 'aws4fetch'

const { MCHID: mchid, APPID: appid, API_URL, QUEUE_URL, AWS_REGION: region } = process.env
const [way, out_trade_no, attempted_at] = process.argv.slice(2)
// When your payment call was made (`attempted_at`) tells a payment that can still arrive from one that cannot.
const order = { mchid, appid, out_trade_no, attempted_at }

async function overHttp() {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = process.env
  const aws = new AwsClient({
    accessKeyId,
    secretAccessKey,
    sessionToken: AWS_SESSION_TOKEN,
    service: 'execute-api',
    region,
  })
  const answer = await aws.fetch(`${API_URL}/v3/pay/transactions/out-trade-no/${out_trade_no}/reverse`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(order),
    signal: AbortSignal.timeout(35_000),
  })
  const text = await answer.text()
  if (answer.ok) console.log(text)
  else console.error(text)
  // 202 is not success: the order is on the queue now. 4xx: refused. 5xx: not taken, send it again.
  return answer.status === 200 ? 0 : answer.status === 202 ? 2 : 1
}

async function ontoQueue() {
  const message = { QueueUrl: QUEUE_URL, MessageBody: JSON.stringify(order) }
  // A message group keeps the queue fair between merchants.
  const { MessageId } = await new SQSClient({}).send(new SendMessageCommand({ ...message, MessageGroupId: mchid }))
  console.log(`${out_trade_no} is on the queue: message ${MessageId}`)
  return 0
}

process.exitCode = way === 'http' ? await overHttp() : await ontoQueue()
