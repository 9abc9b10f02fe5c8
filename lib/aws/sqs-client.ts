import { SQSClient } from '@aws-sdk/client-sqs'
import { CALL_OPTIONS } from './patience.ts'

let client: SQSClient | undefined

/** The one client of an environment: its queues share the connections. */
export function sqsClient(env: NodeJS.ProcessEnv = process.env): SQSClient {
  client ??= new SQSClient({ ...CALL_OPTIONS, useQueueUrlAsEndpoint: !hasEndpoint(env) })
  return client
}

/** Else the SDK asks the host of the queue's URL, and an endpoint of one's own (a VPC endpoint with its own name) is ignored. */
const hasEndpoint = ({ AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL }: NodeJS.ProcessEnv) =>
  Boolean(AWS_ENDPOINT_URL_SQS || AWS_ENDPOINT_URL)
