/** Code whose every change must fail a test, and the tests that must see it: few, for each of them runs for each change. */
export interface Room {
  mutate: readonly string[]
  tests: readonly string[]
}

export const ROOMS = {
  /** What an order's state means. */
  decision: {
    mutate: ['lib/reversal/decision/*.ts'],
    tests: ['test/lib/reversal/decision/*.test.ts', 'test/bin/documents/decision-table.test.ts'],
  },
  /** What becomes of a message. */
  queue: { mutate: ['lib/queue/*.ts'], tests: ['test/lib/queue/*.test.ts'] },
  /** What the books say in the end, and what becomes of an outcome then. */
  settlement: {
    mutate: ['lib/settlement/*.ts'],
    tests: ['test/lib/settlement/*.test.ts'],
  },
  /** One attempt: what is asked, what an answer adds to what is known, and what is said of it. */
  reversal: {
    mutate: ['lib/reversal/*.ts'],
    tests: [
      'test/lib/reversal/{attempt,backoff,calls,conclude,errors,events,findings,history,look-up,partner,read-state}.test.ts',
      'test/lib/reversal/order{,-fields,-json}.test.ts',
    ],
  },
  /** Requests and problems of the HTTP API. */
  http: { mutate: ['lib/http/*.ts'], tests: ['test/lib/http/*.test.ts'] },
  /** Whether an answer is WeChat Pay's, and about our order. */
  verification: {
    mutate: ['lib/wechatpay/{verify,read-answer,answer,codes,parse-object}.ts'],
    tests: ['test/lib/wechatpay/{read-answer,call-result,codes,parse-object}.test.ts'],
  },
  /** What a trade bill says, and whether it is whole. */
  bills: {
    mutate: ['lib/wechatpay/{bill-columns,bill-date,bill-download,bill-reader,bills}.ts'],
    tests: ['test/lib/wechatpay/{bill-answers,bill-columns,bill-date,bill-download,bill-reader,bills}.test.ts'],
  },
  /** What a merchant's secret says, however it was pasted. */
  secrets: {
    mutate: ['lib/wechatpay/{merchant,pem,refusal,secret-fields,secret-json,serial,text}.ts'],
    tests: ['test/lib/wechatpay/{text,serial,secret-json,secret-fields,pem,merchant,pem-files}.test.ts'],
  },
  /** What is sent to WeChat Pay, where to and for how long, and which words of an answer are kept. */
  calls: {
    mutate: ['lib/wechatpay/{client,endpoints,exchange,order-id,order-number,redact,sign,trade-state,words}.ts'],
    tests: [
      'test/lib/wechatpay/{trade-state,order-id,words,redact,sign,endpoints,client,exchange,connections}.test.ts',
    ],
  },
  /** How long everything may take. */
  budgets: {
    mutate: ['lib/aws/patience.ts'],
    tests: ['test/lib/aws/patience.test.ts'],
  },
  /** What is read from AWS and given to it, and what is told to a person. */
  aws: {
    mutate: ['lib/aws/!(patience).ts'],
    tests: [
      'test/lib/aws/{telemetry,dead-letter,lambda-function,log,metrics,queue-and-events,settings,sqs-client}.test.ts',
      'test/lib/aws/{secret-reader,merchant-secrets,merchants-by-convention,service}.test.ts',
    ],
  },
  /** What each function is put together from, and gives back. */
  functions: {
    mutate: ['functions/*.ts'],
    tests: ['test/functions/{http,step,queue,queue-pace,leave-open,settle}.test.ts'],
  },
} satisfies Record<string, Room>

export type RoomName = keyof typeof ROOMS
