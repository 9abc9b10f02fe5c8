// What a million reversals cost by each way in, from what was measured here and what AWS asks.

/** us-east-1, US dollars, without free tiers, as published in November 2026. Most regions differ by less than a quarter. */
export const PRICES = {
  lambdaGbSecond: 0.0000133334, // arm64
  lambdaRequest: 0.2 / 1e6,
  httpApiRequest: 1 / 1e6,
  sqsRequest: 0.4 / 1e6, // standard queue
  event: 1 / 1e6, // EventBridge, custom
  stateTransition: 25 / 1e6, // Step Functions, standard
  logGb: 0.5,
  trace: 5 / 1e6, // X-Ray
} as const

export const ASSUMED = {
  /** WeChat Pay's answer to one call, the way there and back included. */
  callMs: 150,
  calls: 3,
  /** One invocation in a hundred starts a new environment. */
  coldShare: 0.01,
  /** Lambda gives a whole vCPU at 1,769 MB; one of its arm64 vCPUs is taken to be as fast as a core of this machine. */
  wholeVcpuMb: 1769,
  /** What one reversal writes: its result, its metrics, and Lambda's own three lines. */
  logBytes: 1_500,
  /** An outcome of the evening waits for the runs of that day, if any, and for those of the next morning. */
  runsBeforeSettled: 8,
  messagesPerBatch: 10,
  /** X-Ray's default: the first of each second, and one in twenty. */
  tracedShare: 0.05,
} as const

export interface Measured {
  warmCpuMs: number
  coldCpuMs: number
  memoryMb: number
}

export interface CostRow {
  wayIn: string
  dollars: number
  consistsOf: string
}

/** Milliseconds Lambda bills for one reversal: the waiting, and the CPU at the share of a core that the memory buys. */
export function billedMs({ warmCpuMs, coldCpuMs, memoryMb }: Measured): number {
  const share = Math.min(1, memoryMb / ASSUMED.wholeVcpuMb)
  return ASSUMED.calls * ASSUMED.callMs + (warmCpuMs + ASSUMED.coldShare * coldCpuMs) / share
}

/** Dollars for a million fault-free reversals. */
export function costPerMillion(measured: Measured): CostRow[] {
  const gbSeconds = (measured.memoryMb / 1024) * (billedMs(measured) / 1000)
  const lambda = PRICES.lambdaRequest + gbSeconds * PRICES.lambdaGbSecond
  const watching = (ASSUMED.logBytes / 1e9) * PRICES.logGb + ASSUMED.tracedShare * PRICES.trace
  const waysIn = {
    HTTP: { 'HTTP API': PRICES.httpApiRequest },
    // In calm each message is a batch of its own: sent, received, deleted; its result is an event.
    SQS: { 'three SQS requests': 3 * PRICES.sqsRequest, 'one event': PRICES.event },
    'Step Functions': { 'five state transitions': 5 * PRICES.stateTransition },
  }
  const rows = Object.entries(waysIn).map(([wayIn, own]) => ({
    wayIn,
    parts: { Lambda: lambda, 'logs and traces': watching, ...own } as Record<string, number>,
  }))
  // Bills are shared by all orders of a day; what counts is that an outcome waits until tomorrow and is looked at each hour.
  const looks = (2 * ASSUMED.runsBeforeSettled) / ASSUMED.messagesPerBatch
  const requests = 1 + looks + 1 / ASSUMED.messagesPerBatch
  const settling = { 'SQS requests': requests * PRICES.sqsRequest, 'one event': PRICES.event, 'log line': watching / 2 }
  return [...rows, { wayIn: 'settling what is left open', parts: settling }].map(({ wayIn, parts }) => {
    const perMillion = Object.entries(parts).map(([name, dollars]) => [name, dollars * 1e6] as const)
    return {
      wayIn,
      dollars: perMillion.reduce((sum, [, dollars]) => sum + dollars, 0),
      consistsOf: perMillion.map(([name, dollars]) => `${name} ${dollars.toFixed(2)}`).join(', '),
    }
  })
}

/** The page's table, with what it rests on. */
export function renderCost(measured: Measured): string {
  const rows = costPerMillion(measured).map(
    ({ wayIn, dollars, consistsOf }) => `| ${wayIn} | $ ${dollars.toFixed(2)} | ${consistsOf} |`,
  )
  const { callMs, coldShare } = ASSUMED
  return [
    '| way in | a million | of which |',
    '|---|---|---|',
    ...rows,
    '',
    `us-east-1, arm64, prices of November 2026, no free tier. Lambda bills ${billedMs(measured).toFixed(0)} ms at ${measured.memoryMb} MB: three calls of ` +
      `${callMs} ms (assumed), ${measured.warmCpuMs.toFixed(1)} ms of CPU (measured) at the share of a core that the memory buys, and the ` +
      `${measured.coldCpuMs.toFixed(0)} ms of a cold start (measured) once in ${1 / coldShare} (assumed). Not included, because it does not depend on volume: ` +
      'what a deployment costs at rest.',
  ].join('\n')
}
