// A process of its own, like an execution environment: loads bundled functions and invokes each with the events it is sent.
import { inspect } from 'node:util'

export interface Invocation {
  file: string
  event: unknown
  msLeft: number
}

const context = {
  functionName: 'f',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:ap-southeast-1:123456789012:function:f',
  memoryLimitInMB: '512',
  awsRequestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
}

process.on('message', async ({ file, event, msLeft }: Invocation) => {
  const { handler } = await import(file)
  try {
    process.send!(JSON.stringify(await handler(event, { ...context, getRemainingTimeInMillis: () => msLeft })))
  } catch (error) {
    // Deeper than the runtime itself prints an error.
    process.send!(inspect(error, { depth: 20, showHidden: true }))
  }
})
