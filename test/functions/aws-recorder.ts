import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a call is answered; a string instead of an object is the type of an error whose message is that text. */
type Answers = Record<string, (input: Record<string, string>) => object | { error: string; message: string }>

const ANSWERS: Answers = {
  SendMessage: ({ MessageBody = '' }) => ({
    MessageId: 'a',
    MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
  }),
  ChangeMessageVisibility: () => ({}),
  PutEvents: () => ({ FailedEntryCount: 0, Entries: [{ EventId: 'a' }] }),
  ChangeMessageVisibilityBatch: () => ({ Successful: [], Failed: [] }),
  DeleteMessageBatch: () => ({ Successful: [], Failed: [] }),
}

/** SQS, EventBridge and Secrets Manager as the SDK speaks to them, keeping all that was sent to the first two. */
export async function openAwsRecorder(getSecretValue: Answers[string]) {
  const sent: string[] = []
  let waiting: string[] = []
  const ReceiveMessage = () => ({
    Messages: waiting
      .splice(0, 10)
      .map((Body) => ({ Body, ReceiptHandle: 'r', MD5OfBody: createHash('md5').update(Body).digest('hex') })),
  })
  const answers: Answers = { ...ANSWERS, ReceiveMessage, GetSecretValue: getSecretValue }
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const operation = String(request.headers['x-amz-target']).split('.')[1]!
    if (operation !== 'GetSecretValue') sent.push(`${operation} ${body}`)
    const answer = answers[operation]!(JSON.parse(body))
    response.setHeader('Content-Type', 'application/x-amz-json-1.1')
    if ('error' in answer) response.writeHead(400).end(JSON.stringify({ __type: answer.error, ...answer }))
    else response.end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Messages, dead letters and events, each as it went over the wire. */
    sent,
    /** What the next receivers get, each message once. */
    fill(bodies: string[]) {
      waiting = bodies
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
