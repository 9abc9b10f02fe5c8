import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { problemOf, problemOfReverse } from '../../../lib/http/response.ts'
import { ERRORS, type ErrorName, ReversalError } from '../../../lib/reversal/errors.ts'

/** Who can end it, the same call again or only a person: said here once more, for nothing else says which is right. */
const WHAT_HELPS: Readonly<Record<ErrorName, 'the same again' | 'a person'>> = {
  InvalidOrder: 'a person',
  UnknownMerchant: 'a person',
  ReversalRejected: 'a person',
  RefundedElsewhere: 'a person',
  ReversalExpired: 'a person',
  CredentialsUnavailable: 'the same again',
  HandOverFailed: 'the same again',
}

describe('a refusal tells whoever called whether to send the order again', () => {
  for (const [name, helps] of Object.entries(WHAT_HELPS) as [ErrorName, string][]) {
    for (const answer of [problemOf, problemOfReverse]) {
      test(`${name}, by ${answer.name}: ${helps}`, () => {
        const { statusCode, headers } = answer(new ReversalError(name, 'why'))
        const retryAfter = Number(headers?.['Retry-After'])
        // RFC 9110: a 4xx is the caller's to mend, and 503 with Retry-After says when to send the same again.
        if (helps === 'the same again') {
          assert.equal(statusCode, 503, `${name} may pass, and ${statusCode} tells the caller to give up`)
          assert.ok(retryAfter > 0, `${name} may pass, and no Retry-After says when`)
        } else {
          assert.ok(statusCode! >= 400 && statusCode! < 500, `${name} is final, and ${statusCode} says: send it again`)
          assert.ok(Number.isNaN(retryAfter), `${name} is final, and Retry-After says: send it again`)
        }
      })
    }

    test(`${name} ${helps === 'a person' ? 'ends' : 'does not end'} an order on the queue and in the alarms`, () => {
      const ends = helps === 'a person' ? 'final: the same call will never end otherwise' : 'may pass: the same helps'
      const fate = helps === 'a person' ? 'final' : 'may pass'
      assert.equal(ERRORS[name], fate, `${name} is ${ERRORS[name]}, and must be ${ends}`)
    })
  }
})
