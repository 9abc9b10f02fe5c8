import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'

/** What serverless.yml says about the queue and its function, and SQS about both. */
export interface QueueSettings {
  maximumConcurrency: number
  batchSize: number
  /** Of each execution environment. */
  attemptsPerSecond: number
  /** Messages received and neither deleted nor visible again; SQS gives out no more. */
  inFlightLimit: number
  /** Of every function. */
  memoryMb: number
}

export async function readQueueSettings(): Promise<QueueSettings> {
  const file = await readFile(join(import.meta.dirname, '..', '..', 'serverless.yml'), 'utf8')
  // CloudFormation's own tags mean nothing here, and none of these values has one.
  const { provider, functions } = parse(file, { logLevel: 'silent' })
  const { environment, events } = functions.queue
  const { maximumConcurrency, batchSize } = events[0].sqs
  return {
    maximumConcurrency,
    batchSize,
    attemptsPerSecond: environment.ATTEMPTS_PER_SECOND,
    inFlightLimit: 120_000,
    memoryMb: provider.memorySize,
  }
}
