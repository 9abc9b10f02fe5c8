// A fresh process, as Lambda starts one: loads the function, gives it one event, says what came back and what it cost.
const { handler } = await import(process.argv[2])
const endsAt = Date.now() + 30_000
const answer = await handler(JSON.parse(process.argv[3]), {
  awsRequestId: '3f8e7b1a-5d42-4c1b-9d1f-0a2b3c4d5e6f',
  functionName: 'bench',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:ap-southeast-1:000000000000:function:bench',
  memoryLimitInMB: '512',
  getRemainingTimeInMillis: () => endsAt - Date.now(),
})
const { user, system } = process.cpuUsage()
process.send({ trade_state: answer.trade_state, cpuMs: (user + system) / 1000 })
