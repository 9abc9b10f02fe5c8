import { randomBytes } from 'node:crypto'

/**
 * How often Lambda invokes a function in one chain of requests before it stops the next one. AWS says "approximately".
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
 */
export const LONGEST_CHAIN = 16

/**
 * The trace header of a function's next invocation, and the how many-th in its chain that is.
 *
 * AWS counts in the part `Lineage` of `X-Amzn-Trace-Id`, which its SDKs pass on to whatever a function calls and SQS keeps
 * with a message. How that part is written is AWS's own business; here it is `<function>:<count>`, one after another.
 * @param headers what came with the event; a batch has one for each of its messages. Whose count AWS takes is not
 *   documented: here the highest
 */
export function nextInChain(functionName: string, headers: readonly string[] = []): { count: number; header: string } {
  const counts = new Map<string, number>()
  for (const header of headers) {
    for (const [, name, count] of lineageOf(header).matchAll(/([^:|]+):(\d+)/g)) {
      counts.set(name!, Math.max(Number(count), counts.get(name!) ?? 0))
    }
  }
  const count = (counts.get(functionName) ?? 0) + 1
  counts.set(functionName, count)
  const root = /Root=[^;]+/.exec(headers[0] ?? '')?.[0] ?? newRoot()
  const lineage = [...counts].map((entry) => entry.join(':')).join('|')
  return { count, header: `${root};Parent=${randomBytes(8).toString('hex')};Sampled=0;Lineage=${lineage}` }
}

const lineageOf = (header: string) => /Lineage=([^;]+)/.exec(header)?.[1] ?? ''

const newRoot = () => `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${randomBytes(12).toString('hex')}`
