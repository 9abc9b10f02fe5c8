import assert from 'node:assert/strict'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { after, describe, test } from 'node:test'
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { createSecretReader, SecretUnavailable } from '../../../lib/aws/secret-reader.ts'

/** Longer than a busy machine needs for an answer, the retry of a throttled one included. */
const PATIENCE_MS = 4_000

const asked: object[] = []
let answer: (response: ServerResponse) => void
const server = createServer(async (request, response) => {
  asked.push((await json(request)) as object)
  response.setHeader('Content-Type', 'application/x-amz-json-1.1')
  answer(response)
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
after(() => {
  server.closeAllConnections()
  server.close()
})
Object.assign(process.env, {
  AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  AWS_REGION: 'ap-southeast-1',
  AWS_ACCESS_KEY_ID: 'a',
  AWS_SECRET_ACCESS_KEY: 'b',
})

const read = createSecretReader()

/** An error as the service gives it. */
const failing =
  (type: string, status = 400, Message = `${type}!`) =>
  (response: ServerResponse) =>
    response.writeHead(status, { 'x-amzn-errortype': type }).end(JSON.stringify({ __type: type, Message }))

describe('the text of a secret', () => {
  const rows: [stored: string, output: object, text: string][] = [
    ['as text', { SecretString: '{"mchid":"A"}' }, '{"mchid":"A"}'],
    ['as an empty text', { SecretString: '', SecretBinary: 'eA==' }, ''],
    ['as bytes', { SecretBinary: Buffer.from('{"name":"茶"}').toString('base64') }, '{"name":"茶"}'],
    ['not at all', {}, ''],
  ]
  for (const [stored, output, text] of rows) {
    test(`is read where it is stored ${stored}`, async () => {
      answer = (response) => response.end(JSON.stringify(output))
      assert.equal(await read('shop/a', 'AWSPREVIOUS', PATIENCE_MS), text)
      assert.deepEqual(asked.at(-1), { SecretId: 'shop/a', VersionStage: 'AWSPREVIOUS' })
    })
  }
})

/** Why it is not read: what is said, whether an older value may serve meanwhile, and whether there is no such secret. */
interface Why {
  says: string
  canServeStale: boolean
  isMissing?: boolean
}

async function refusedWith(reading: Promise<string>, { says, canServeStale, isMissing = false }: Why) {
  const error = await reading.then(
    () => assert.fail('it was read'),
    (error: unknown) => error,
  )
  assert.ok(error instanceof SecretUnavailable)
  assert.deepEqual(
    [error.message, error.canServeStale, error.isMissing],
    [`secret a: ${says}`, canServeStale, isMissing],
  )
}

describe('a secret that cannot be read', () => {
  const cannotBeAsked = (kind: string): Why => ({
    says: `Secrets Manager could not be asked (${kind})`,
    canServeStale: true,
  })
  const noValue = 'does not exist, or has no value yet: put the merchant’s JSON into it (ResourceNotFoundException)'
  const noLabel = "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT"
  const rows: [what: string, answers: typeof answer, why: Why, withinMs?: number][] = [
    ['it is throttled', failing('ThrottlingException'), cannotBeAsked('ThrottlingException')],
    ['the service is down', failing('InternalServiceError', 500), cannotBeAsked('InternalServiceError')],
    [
      'a proxy answers with a page of its own',
      (response) => response.writeHead(503, { 'Content-Type': 'text/html' }).end('<html>'),
      cannotBeAsked('503'),
    ],
    ['the connection is closed', (response) => response.destroy(), cannotBeAsked('ECONNRESET')],
    ['nothing answers', () => {}, cannotBeAsked('no answer in time'), 300],
    [
      'the answer comes a byte at a time',
      (response) => {
        response.write('{"SecretString":"')
        const timer = setInterval(() => response.write('x'), 50)
        response.on('close', () => clearInterval(timer))
      },
      cannotBeAsked('no answer in time'),
      300,
    ],
    ['there is no time left', () => {}, cannotBeAsked('no answer in time'), -0.5],
    [
      'its role lacks a right',
      failing('AccessDeniedException'),
      {
        says: 'must not be read by this function: its role lacks secretsmanager:GetSecretValue on it or kms:Decrypt on its key (AccessDeniedException)',
        canServeStale: true,
      },
    ],
    [
      'its key is gone',
      failing('DecryptionFailure'),
      { says: 'cannot be decrypted with its KMS key (DecryptionFailure)', canServeStale: true },
    ],
    [
      'it is marked for deletion',
      failing('InvalidRequestException'),
      { says: 'cannot be read: it is marked for deletion (InvalidRequestException)', canServeStale: false },
    ],
    [
      'its name is none',
      failing('InvalidParameterException'),
      { says: 'is not a name or an ARN of a secret (InvalidParameterException)', canServeStale: false },
    ],
    [
      'there is none of its name',
      failing('ResourceNotFoundException'),
      { says: noValue, canServeStale: false, isMissing: true },
    ],
    [
      'it was made and has no value yet',
      failing('ResourceNotFoundException', 400, noLabel),
      { says: noValue, canServeStale: false },
    ],
  ]
  for (const [what, answers, why, withinMs = PATIENCE_MS] of rows) {
    test(`because ${what}: says so, and whether its old value may serve on`, async () => {
      answer = answers
      const startedAt = performance.now()
      await refusedWith(read('a', 'AWSCURRENT', withinMs), why)
      assert.ok(performance.now() - startedAt < withinMs + 2_000)
    })
  }

  test('is asked for twice at most', async () => {
    asked.length = 0
    answer = failing('InternalServiceError', 500)
    await refusedWith(read('a', 'AWSCURRENT', PATIENCE_MS), cannotBeAsked('InternalServiceError'))
    assert.equal(asked.length, 2)
  })

  const kinds: [error: object, kind: string][] = [
    [{ code: 'ECONNREFUSED' }, 'ECONNREFUSED'],
    [{ code: 'ENOTFOUND secret.example', name: 'Error' }, 'Error'],
    [{ code: 'say ENOTFOUND', name: 'Error' }, 'Error'],
    [{ code: 111, name: 'Error' }, 'Error'],
    [{ name: 'TimeoutError' }, 'no answer in time'],
    [{ name: 'AbortError' }, 'no answer in time'],
    [{ name: 'SyntaxError', $metadata: { httpStatusCode: 502 } }, '502'],
    [{ name: 'SyntaxError' }, 'no answer that can be read'],
    [{ name: 'x'.repeat(64) }, 'x'.repeat(64)],
    [{ name: 'x'.repeat(65) }, 'an error without a name'],
    [{ name: 'a private key' }, 'an error without a name'],
    [{ name: '' }, 'an error without a name'],
  ]
  for (const [error, kind] of kinds) {
    test(`${JSON.stringify(error)} is told as "${kind}", and nothing else of it`, async () => {
      const send = async () => {
        throw Object.assign(new Error('SENTINEL'), error)
      }
      const reader = createSecretReader({ send } as unknown as SecretsManagerClient)
      await refusedWith(reader('a', 'AWSCURRENT', PATIENCE_MS), cannotBeAsked(kind))
    })
  }
})
