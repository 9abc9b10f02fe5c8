import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import {
  BATCH_OPTIONS,
  CALL_MS,
  CALL_OPTIONS,
  RESERVED_MS,
  SECRET_OPTIONS,
  SECRET_READ_MS,
  withinCall,
} from '../../../lib/aws/patience.ts'

/** The longest that one operation takes by the SDK's own options: all its tries, and the pauses between them. */
const longestMs = (options: typeof CALL_OPTIONS | typeof SECRET_OPTIONS, pauseMs: number) =>
  options.maxAttempts * options.requestHandler.requestTimeout + (options.maxAttempts - 1) * pauseMs

describe('the time of a call to SQS or EventBridge', () => {
  test('is that of all its tries and pauses: none is begun that cannot end', () => {
    assert.equal(CALL_MS, longestMs(CALL_OPTIONS, 100))
  })

  test('holds for an operation as a whole, however many calls it makes', (t) => {
    const timeout = t.mock.method(AbortSignal, 'timeout')
    const { abortSignal } = withinCall()
    assert.ok(abortSignal instanceof AbortSignal)
    assert.deepEqual(timeout.mock.calls[0]?.arguments, [CALL_MS])
  })

  for (const name of ['http', 'queue', 'step', 'settle'] as const) {
    test(`is kept in ${name} as often as it may be needed after an attempt, with half a second of our own`, () => {
      const calls = { http: 1, queue: 3, step: 1, settle: 0 }[name]
      const kept = `${name} keeps ${RESERVED_MS[name]} ms for ${calls} calls of ${CALL_MS} ms and 500 ms of its own`
      assert.equal(RESERVED_MS[name], calls * CALL_MS + 500, kept)
    })
  }
})

/** What each wait must hold, and why. Less would give up what a moment later is well; more would be taken from the attempt. */
const WAITS: [what: string, is: number, least: number, most: number, because: string][] = [
  ['tries of a call', CALL_OPTIONS.maxAttempts, 2, 2, 'one answer may be lost, and a third try has no time'],
  [
    'ms to connect to SQS or EventBridge',
    CALL_OPTIONS.requestHandler.connectionTimeout,
    500,
    CALL_OPTIONS.requestHandler.requestTimeout,
    'TLS takes three ways there and back, and the whole try ends with its answer',
  ],
  [
    'ms for an answer of SQS or EventBridge',
    CALL_OPTIONS.requestHandler.requestTimeout,
    600,
    700,
    'a healthy call takes 10 ms, and the connection may have to be made first',
  ],
  ['tries of reading a secret', SECRET_OPTIONS.maxAttempts, 2, 2, 'one answer may be lost, and an order waits'],
  [
    'ms to connect to Secrets Manager',
    SECRET_OPTIONS.requestHandler.connectionTimeout,
    600,
    1_500,
    'a second try must still fit into the time of a read',
  ],
  [
    'ms for an answer of Secrets Manager',
    SECRET_OPTIONS.requestHandler.requestTimeout,
    1_000,
    2_500,
    'a second try must still fit into the time of a read, and a key is decrypted',
  ],
  ['ms for a secret', SECRET_READ_MS, 2_500, 4_500, 'a try without an answer and a good one; four tries must follow'],
  ['tries of a batch', BATCH_OPTIONS.maxAttempts, 3, 5, 'nobody waits, and a batch is dearer than a call'],
  [
    'ms to connect for a batch',
    BATCH_OPTIONS.requestHandler.connectionTimeout,
    600,
    2_000,
    'as for a call: what is not there in a second is not there',
  ],
  [
    'ms for the answer to a batch',
    BATCH_OPTIONS.requestHandler.requestTimeout,
    3_000,
    10_000,
    'three tries of two batches must fit into the minute that a run keeps for them',
  ],
]

describe('no wait is too short for what it is there for, or takes time from what must follow', () => {
  for (const [what, is, least, most, because] of WAITS) {
    const right = least === most ? `${least}` : `${least} to ${most}`
    test(`${right} ${what}: ${because}`, () => {
      assert.ok(is >= least && is <= most, `${is} ${what}, where it must be ${right}: ${because}`)
    })
  }

  for (const [whose, options] of Object.entries({ CALL_OPTIONS, SECRET_OPTIONS, BATCH_OPTIONS })) {
    test(`an answer that does not come ends the try, and not with a warning only: ${whose}`, () => {
      assert.equal(options.requestHandler.throwOnRequestTimeout, true, `${whose} would wait for ever`)
    })
  }
})

test('every client of AWS is made with one of these: the SDK by itself waits for ever', () => {
  const root = join(import.meta.dirname, '../../..')
  const made = globSync('{functions,lib}/**/*.ts', { cwd: root }).flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/new \w+Client\((.*)\)/g)].map(([, options]) => ({
      file,
      options,
    })),
  )
  assert.ok(made.length >= 5, `only ${made.length} clients were found`)
  for (const { file, options } of made) {
    assert.match(options!, /\b(CALL|SECRET|BATCH)_OPTIONS\b/, `${file} makes a client with (${options}): it has no end`)
  }
})
