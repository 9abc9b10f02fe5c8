import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readSecretJson } from '../../../lib/wechatpay/secret-json.ts'
import { keys, privatePem, publicPem } from './keys-and-secrets.ts'

test('a secret is the object of its JSON, whatever stands in it', () => {
  assert.deepEqual(readSecretJson('{"a":{"SecretString":"b"}}'), { a: { SecretString: 'b' } })
  assert.deepEqual(readSecretJson('\uFEFF {} \n'), {})
})

describe('a secret that is no object of JSON is told what it is, and what to do', () => {
  const PUT = /^put the JSON object of docs\/configuration\.md there; npm run secret makes it/
  const pem = privatePem(keys.merchant)
  const wrong: [title: string, text: string, what: string | RegExp, fix: string | RegExp][] = [
    ['blanks', ' \n', 'is empty', PUT],
    ['half of it', '{"mchid":', 'is not JSON', PUT],
    ['words', 'hush', 'is not JSON', PUT],
    ["words that are also JSON.parse's", 'Bad control character', 'is not JSON', PUT],
    ['a mark inside', '{\n\uFEFF"a":1}', 'is not JSON (from line 2 column 1)', PUT],
    ['a PEM file', pem, 'is a private key, not the JSON that holds one', PUT],
    [
      'a PEM file with a list before it',
      `Bag Attributes: [x]\n${pem}`,
      'is a private key, not the JSON that holds one',
      PUT,
    ],
    ['another', publicPem(keys.wechatPay), 'is a public key, not the JSON that holds one', PUT],
    ['broken JSON that holds one', `\n{"private_key": ${pem}`, 'is not JSON (from line 2 column 18)', PUT],
    ['broken JSON of many lines', `${'\n'.repeat(11)}{ ?`, 'is not JSON (from line 12 column 3)', PUT],
    ['a list of one', `[${pem}`, 'is not JSON (from line 1 column 3)', PUT],
    [
      'a line break in a text',
      `{\n"private_key": "${pem}"}`,
      'is not JSON, for a line break stands inside a text (line 2 column 44)',
      'write the line breaks of a PEM as \\n, or make the JSON with npm run secret',
    ],
    [
      'UTF-16',
      Buffer.from('{}', 'utf16le').toString('latin1'),
      'is text in UTF-16, read as another encoding',
      'save the file as UTF-8, and store that',
    ],
    [
      'a JSON text',
      '"{}"',
      'is JSON text with the object inside it',
      'store the object itself, without quotes around it',
    ],
    ['null', 'null', 'is JSON, but not an object', PUT],
    ['a list', '[]', 'is JSON, but not an object', PUT],
    ['a number', '1', 'is JSON, but not an object', PUT],
    ...['SecretString', 'SecretBinary'].map((name): [string, string, string, RegExp] => [
      `an answer with a ${name}`,
      JSON.stringify({ [name]: 'x' }),
      'is the whole answer of GetSecretValue',
      /^store the value of its SecretString alone: .* --query SecretString --output text/,
    ]),
  ]
  for (const [title, text, what, fix] of wrong) {
    test(title, () => assert.throws(() => readSecretJson(text), { what, fix }))
  }
})
