import { AwsClient } from 'aws4fetch'
import type { Signer } from './http.ts'
import type { Said } from './order.ts'

/** The lines a function writes about an order (see its last lines: completed, failed or pending). */
const LINES = ['reversal completed', 'reversal failed', 'attempt failed', 'reversal pending']

/**
 * Asks CloudWatch Logs what a function wrote about an order. The call is FilterLogEvents:
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
 */
export function createLogReader(logGroupName: string, signer: Signer) {
  const { region } = signer
  const { AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: own, AWS_ENDPOINT_URL: all } = process.env
  const url = own ?? all ?? `https://logs.${region}.${region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}`
  const aws = new AwsClient({ ...signer, service: 'logs', retries: 2 })

  /** The last line about the order; undefined when there is none yet. @throws Error when the log cannot be read */
  return async function lastLine(out_trade_no: string, startTime: number): Promise<Said | undefined> {
    // Only letters and digits of the number: the others mean something in a filter pattern.
    const filterPattern = `"${/\w+$/.exec(out_trade_no)?.[0]}"`
    const response = await aws.fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': 'Logs_20140328.FilterLogEvents' },
      body: JSON.stringify({ logGroupName, startTime, filterPattern }),
      signal: AbortSignal.timeout(10_000),
    })
    if (!response.ok) throw new Error(`the log ${logGroupName} cannot be read (HTTP ${response.status})`)
    const { events = [] } = (await response.json()) as { events?: { message: string }[] }
    const lines = events.flatMap(({ message }) => parse(message))
    return lines.filter((line) => line.out_trade_no === out_trade_no && LINES.includes(line.message)).at(-1)
  }
}

function parse(line: string): (Said & { message: string; out_trade_no?: string })[] {
  try {
    return [JSON.parse(line)]
  } catch {
    return []
  }
}
