import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ErrorName, ReversalError } from '../../../lib/reversal/errors.ts'
import { expireAtLast } from '../../../lib/reversal/expiry.ts'

const NOW = Date.UTC(2026, 0, 31)
const WEEK_MS = 7 * 24 * 60 * 60 * 1000

test('what passes ends after 7 days, and not sooner: with its reason, and what WeChat Pay said', () => {
  const said = { code: 'SIGN_ERROR', request_id: '08-0' }
  const cause = new ReversalError('CredentialsUnavailable', 'secret x: is empty', said)
  assert.equal(expireAtLast(cause, NOW - WEEK_MS, NOW), cause)
  const error = expireAtLast(cause, NOW - WEEK_MS - 1, NOW) as ReversalError
  assert.deepEqual([error.name, error.code, error.request_id], ['ReversalExpired', 'SIGN_ERROR', '08-0'])
  assert.match(error.message, /last reason: CredentialsUnavailable: secret x: is empty; last verified state: none/)
  assert.equal((expireAtLast(new TypeError('slip'), NOW - WEEK_MS - 1, NOW) as ReversalError).name, 'ReversalExpired')
})

test('what a person must look at keeps its name', () => {
  for (const name of [
    'InvalidOrder',
    'UnknownMerchant',
    'ReversalRejected',
    'RefundedElsewhere',
  ] satisfies ErrorName[]) {
    const error = new ReversalError(name, '')
    assert.equal(expireAtLast(error, 0, NOW), error)
  }
})
