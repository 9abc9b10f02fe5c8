import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isFinal, ReversalError } from '../../../lib/reversal/errors.ts'

test('an error ends an order when it is one of ours that no other call can change', () => {
  assert.equal(isFinal(new ReversalError('ReversalRejected', 'why')), true)
  assert.equal(isFinal(new ReversalError('CredentialsUnavailable', 'why')), false)
  const foreign = Object.assign(new Error('why'), { name: 'ReversalRejected' })
  for (const error of [foreign, undefined, 'ReversalRejected']) assert.equal(isFinal(error), false)
})
