// The policy of the role that deploys: what CloudFormation asks for each resource of the template, and what the tools ask.
import type { Template } from '../../infra/local/cloudformation.ts'
import type { Statement } from '../../infra/local/policy.ts'
import { HANDLER_ACTIONS } from '../deployment/handler-actions.ts'

/** What `npm run deploy` and `npx osls remove` ask themselves, beside CloudFormation. */
export const TOOL_ACTIONS: readonly string[] = [
  // osls: the stack
  'cloudformation:CreateChangeSet',
  'cloudformation:CreateStack',
  'cloudformation:DeleteChangeSet',
  'cloudformation:DeleteStack',
  'cloudformation:DescribeChangeSet',
  'cloudformation:DescribeStackEvents',
  'cloudformation:DescribeStackResource',
  'cloudformation:DescribeStacks',
  'cloudformation:ExecuteChangeSet',
  'cloudformation:GetTemplate',
  'cloudformation:ListStackResources',
  'cloudformation:UpdateStack',
  'cloudformation:ValidateTemplate',
  // osls: the archive of the functions, in the stack's own bucket
  's3:DeleteObject',
  's3:GetObject',
  's3:ListBucket',
  's3:ListBucketVersions',
  's3:PutObject',
  // osls: has a function changed, and does somebody else listen to its log
  'lambda:GetFunction',
  'logs:DescribeSubscriptionFilters',
  // npm run deploy: would this fail halfway
  'events:DescribeEventBus',
  'lambda:GetAccountSettings',
  'lambda:GetFunctionConcurrency',
  'secretsmanager:ListSecrets',
  'sqs:GetQueueUrl',
]

/** Stand in the policy for what it is not known before. */
export const PLACEHOLDERS = { partition: '<partition>', region: '<region>', account: '<account>', stage: '<stage>' }

type Condition = Statement['Condition']

/** Where a service's actions are allowed. Of several rows for an action, the first counts. */
const PLACES: readonly [actions: RegExp, resources: readonly string[], condition?: Condition][] = [
  [
    /^iam:PassRole$/,
    ['iam::A:role/NAME-*'],
    {
      StringEquals: {
        'iam:PassedToService': ['lambda.amazonaws.com', 'states.amazonaws.com', 'scheduler.amazonaws.com'],
      },
    },
  ],
  [/^iam:/, ['iam::A:role/NAME-*']],
  [/^lambda:GetAccountSettings$/, ['*']],
  // A mapping has no name to know it by; its function has.
  [/^lambda:\w+EventSourceMapping$/, ['*'], { ArnLike: { 'lambda:FunctionArn': arn('lambda:R:A:function:NAME-*') } }],
  [/^lambda:(Tag|Untag|List)/, ['lambda:R:A:function:NAME-*', 'lambda:R:A:event-source-mapping:*']],
  [/^lambda:/, ['lambda:R:A:function:NAME-*']],
  [/^logs:\w*(LogDelivery|LogDeliveries|ResourcePolicy|ResourcePolicies)$|^logs:DescribeLogGroups$/, ['*']],
  [/^logs:\w*QueryDefinitions?$/, ['*']], // saved queries have no ARN
  [
    /^logs:/,
    ['/aws/lambda/NAME-*', '/aws/vendedlogs/http-api/NAME*', '/aws/vendedlogs/states/NAME*'].map(
      (group) => `logs:R:A:log-group:${group}`,
    ),
  ],
  [/^s3:/, ['s3:::NAME-*']],
  [/^apigateway:/, ['apigateway:R::/apis', 'apigateway:R::/apis/*', 'apigateway:R::/tags/*']],
  [/^sqs:/, ['sqs:R:A:NAME', 'sqs:R:A:NAME-*']],
  [/^kms:CreateKey$/, ['*']],
  [/^kms:/, ['kms:R:A:key/*']], // keys have no names before they are there
  [/^states:/, ['states:R:A:stateMachine:NAME']],
  [/^events:/, ['events:R:A:event-bus/NAME', 'events:R:A:rule/NAME/*']],
  [/^scheduler:/, ['scheduler:R:A:schedule/default/NAME-*']],
  [/^cloudwatch:DescribeAlarms$/, ['*']],
  [/^cloudwatch:\w*Dashboards?$/, ['cloudwatch::A:dashboard/NAME']],
  [/^cloudwatch:/, ['cloudwatch:R:A:alarm:NAME-*']],
  [/^sns:/, ['sns:R:A:NAME-alarms']],
  [/^cloudformation:ValidateTemplate$/, ['*']],
  [/^cloudformation:/, ['cloudformation:R:A:stack/NAME/*']],
  [/^secretsmanager:ListSecrets$/, ['*']],
]

function arn(short: string): string {
  const { partition, region, account, stage } = PLACEHOLDERS
  return short === '*'
    ? '*'
    : `arn:${partition}:${short}`
        .replace(':R:', `:${region}:`)
        .replace(':A:', `:${account}:`)
        .replace('NAME', `wechatpay-reversal-${stage}`)
}

/** Every action that deploying, updating and removing a template needs. @throws Error that names a type nobody knows */
export function deployActions(template: Template): string[] {
  const types = new Set(Object.values(template.Resources).map(({ Type }) => Type))
  const ofResources = [...types].flatMap((type) => {
    const handlers = HANDLER_ACTIONS[type]
    if (!handlers) throw new Error(`bin/deployment/handler-actions.ts does not know what ${type} asks for`)
    return Object.values(handlers).flat()
  })
  return [...new Set([...ofResources, ...TOOL_ACTIONS])].sort()
}

/** The least that deploying, updating and removing a template needs, one statement for each place. */
export function deployPolicy(template: Template): { Version: string; Statement: Statement[] } {
  const byPlace = Map.groupBy(deployActions(template), (action) => {
    const place = PLACES.find(([actions]) => actions.test(action))
    if (!place) throw new Error(`bin/documents/deploy-policy.ts has no place for ${action}`)
    return place
  })
  return {
    Version: '2012-10-17',
    Statement: PLACES.flatMap((place) => {
      const [, resources, Condition] = place
      const Action = byPlace.get(place)
      if (Action === undefined) return []
      return [{ Effect: 'Allow' as const, Action, Resource: resources.map(arn), ...(Condition && { Condition }) }]
    }),
  }
}
