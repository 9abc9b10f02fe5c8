// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are CloudFormation's placeholders
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json, Template } from '../../../infra/local/cloudformation.ts'
import { resolveTemplate } from '../../../infra/local/template.ts'

const options = {
  accountId: '000000000000',
  region: 'eu-west-1',
  partition: 'aws',
  stackName: 'demo',
  awsUrl: 'http://127.0.0.1:1',
  apiUrl: 'http://127.0.0.1:2',
}
function resolveValue(value: Json, template: Partial<Template> = {}, parameters: Record<string, string> = {}) {
  const { Resources = {}, ...rest } = template
  const resolved = resolveTemplate(
    { ...rest, Resources: { ...Resources, Probe: { Type: 'Some::Probe::Type', Properties: { value } } } },
    { ...options, parameters },
  )
  return resolved.resources.find(({ logicalId }) => logicalId === 'Probe')!.properties.value
}
const queue = { Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'orders' } } }

const cases: [string, Json, Json, Partial<Template>?][] = [
  ['Ref of a queue is its URL', { Ref: 'Queue' }, 'http://127.0.0.1:1/000000000000/orders', { Resources: queue }],
  [
    'Fn::GetAtt of a queue gives its ARN',
    { 'Fn::GetAtt': ['Queue', 'Arn'] },
    'arn:aws:sqs:eu-west-1:000000000000:orders',
    { Resources: queue },
  ],
  [
    'Fn::Sub fills in pseudo parameters, attributes and its own variables, and leaves literals',
    { 'Fn::Sub': ['${AWS::Partition}-${Queue.QueueName}-${own}-${!literal}', { own: { Ref: 'AWS::Region' } }] },
    'aws-orders-eu-west-1-${literal}',
    { Resources: queue },
  ],
  [
    'Fn::Join, Fn::Split and Fn::Select nest',
    { 'Fn::Join': ['+', ['x', { 'Fn::Select': [1, { 'Fn::Split': [',', 'a,b,c'] }] }]] },
    'x+b',
  ],
  [
    'Fn::If follows a condition made of others',
    { 'Fn::If': ['IsQuiet', 'quiet', 'loud'] },
    'quiet',
    {
      Parameters: { Stage: { Type: 'String', Default: 'dev' } },
      Conditions: {
        IsProd: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] },
        IsQuiet: { 'Fn::And': [{ 'Fn::Not': [{ Condition: 'IsProd' }] }, { 'Fn::Equals': ['a', 'a'] }] },
      },
    },
  ],
  [
    'AWS::NoValue removes a property and a list item',
    { gone: { Ref: 'AWS::NoValue' }, list: [1, { Ref: 'AWS::NoValue' }], kept: 2 },
    { list: [1], kept: 2 },
  ],
  [
    'a comma-delimited parameter is a list',
    { Ref: 'Names' },
    ['a', 'b'],
    { Parameters: { Names: { Type: 'CommaDelimitedList', Default: 'a,b' } } },
  ],
  [
    'Fn::FindInMap reads a mapping',
    { 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'memory'] },
    512,
    { Mappings: { Sizes: { 'eu-west-1': { memory: 512 } } } },
  ],
]
for (const [title, value, expected, template] of cases) {
  test(title, () => assert.deepEqual(resolveValue(value, template), expected))
}

test('a resource whose condition is false is not there', () => {
  const { resources } = resolveTemplate(
    {
      Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
      Resources: { Gone: { Type: 'AWS::SQS::Queue', Condition: 'Never' } },
    },
    options,
  )
  assert.deepEqual(resources, [])
})

const refused: [string, RegExp, Json, Partial<Template>?, Record<string, string>?][] = [
  [
    'a parameter without a value is named',
    /Parameter Stage has no default/,
    { Ref: 'Stage' },
    { Parameters: { Stage: {} } },
  ],
  [
    'a parameter with a value that is not allowed is named',
    /Parameter Stage must be one of dev, prod, not test/,
    { Ref: 'Stage' },
    { Parameters: { Stage: { AllowedValues: ['dev', 'prod'] } } },
    { Stage: 'test' },
  ],
  ['a reference to nothing is named', /no resource Nowhere/, { 'Fn::GetAtt': ['Nowhere', 'Arn'] }],
  ['an unknown function is named', /Unknown intrinsic function Fn::Cidr/, { 'Fn::Cidr': [] }],
]
for (const [title, message, value, template, parameters] of refused) {
  test(title, () => assert.throws(() => resolveValue(value, template, parameters), message))
}
