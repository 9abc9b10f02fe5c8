import { SQSClient } from '@aws-sdk/client-sqs'
import { CALL_OPTIONS } from './patience.ts'

let client: SQSClient | undefined

/** The one client of an environment: its queues share the connections. */
export function sqsClient(): SQSClient {
  client ??= new SQSClient(CALL_OPTIONS)
  return client
}
