import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Statement, verdict } from '../../../infra/local/policy.ts'

const send = { action: 'sqs:SendMessage', resource: 'arn:aws:sqs:us-east-1:000000000000:orders' }
const allow = (more: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Action: 'sqs:SendMessage',
  Resource: send.resource,
  ...more,
})

const cases: [string, Statement[], 'Allow' | 'Deny' | undefined, Record<string, string>?][] = [
  ['nothing is allowed by itself', [], undefined],
  ['a right is an action on a resource', [allow()], 'Allow'],
  ['another action is another right', [allow({ Action: 'sqs:ReceiveMessage' })], undefined],
  ['another resource is another right', [allow({ Resource: `${send.resource}-dead` })], undefined],
  ['actions are read without regard to case', [allow({ Action: 'SQS:sendmessage' })], 'Allow'],
  ['* stands for anything', [allow({ Action: 'sqs:Send*', Resource: '*' })], 'Allow'],
  ['? stands for one character', [allow({ Resource: send.resource.replace('orders', 'order?') })], 'Allow'],
  ['a dot is a dot', [allow({ Resource: send.resource.replace('orders', 'o.ders') })], undefined],
  ['a Deny is stronger than an Allow', [allow(), allow({ Effect: 'Deny', Action: 'sqs:*' })], 'Deny'],
  ['NotAction is every other action', [allow({ Action: undefined, NotAction: 'sqs:DeleteQueue' } as never)], 'Allow'],
  ['a condition must hold', [allow({ Condition: { StringEquals: { 'kms:ViaService': 'sqs' } } })], undefined],
  [
    'one of several wanted values is enough',
    [allow({ Condition: { StringEquals: { 'KMS:viaservice': ['s3', 'sqs'] } } })],
    'Allow',
    { 'kms:ViaService': 'sqs' },
  ],
  [
    'a negated condition holds when none of the values is it',
    [allow({ Effect: 'Deny', Condition: { ArnNotEquals: { 'aws:PrincipalArn': ['arn:a', 'arn:b'] } } })],
    'Deny',
    { 'aws:PrincipalArn': 'arn:c' },
  ],
  [
    'and does not when one of them is',
    [allow({ Effect: 'Deny', Condition: { ArnNotEquals: { 'aws:PrincipalArn': ['arn:a', 'arn:b'] } } })],
    undefined,
    { 'aws:PrincipalArn': 'arn:b' },
  ],
  [
    'every condition of a statement must hold',
    [allow({ Condition: { Bool: { 'aws:SecureTransport': 'true' }, StringLike: { who: 'a*' } } })],
    undefined,
    { 'aws:SecureTransport': 'true', who: 'b' },
  ],
]
for (const [title, statements, expected, context] of cases) {
  test(title, () => assert.equal(verdict(statements, { ...send, ...(context && { context }) }), expected))
}

test('a condition operator nobody here knows is an error, not a guess', () => {
  const odd = [allow({ Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } })]
  assert.throws(() => verdict(odd, { ...send, context: { 'aws:SourceIp': '10.1.1.1' } }), /IpAddress is not known/)
})
