// What AWS would refuse of a template after minutes of deploying, found on this machine before anything is sent.
import type { Json, Template } from '../../infra/local/cloudformation.ts'
import { resolveTemplate } from '../../infra/local/template.ts'
import { Failure } from '../operator/failure.ts'
import { paint, tell } from '../operator/paint.ts'
import { text } from './text.ts'

/** Something about a deploy that a person should know. */
export interface Finding {
  /** The deploy would fail, or the deployment would not work. */
  isBlocking: boolean
  what: string
  next: string
}

/** Tells what a person should know. @throws Failure when something of it would make the deploy fail */
export function heed(findings: readonly Finding[]): void {
  for (const { isBlocking, what, next } of findings) {
    tell((isBlocking ? paint.failed : paint.warning)(what, process.stderr))
    tell(`  → ${next}`)
  }
  const blocking = findings.filter(({ isBlocking }) => isBlocking).length
  if (blocking > 0) throw new Failure(text.wouldFail, text.change)
}

/** The longest names AWS takes, of what has a name of its own here. From the API reference of each service. */
const LONGEST_NAMES: Readonly<Record<string, [property: string, characters: number]>> = {
  'AWS::Lambda::Function': ['FunctionName', 64],
  'AWS::IAM::Role': ['RoleName', 64],
  'AWS::SQS::Queue': ['QueueName', 80],
  'AWS::StepFunctions::StateMachine': ['StateMachineName', 80],
  'AWS::ApiGatewayV2::Api': ['Name', 128],
  'AWS::CloudWatch::Alarm': ['AlarmName', 255],
  'AWS::CloudWatch::Dashboard': ['DashboardName', 255],
  'AWS::Events::EventBus': ['Name', 256],
  'AWS::SNS::Topic': ['TopicName', 256],
  'AWS::Logs::LogGroup': ['LogGroupName', 512],
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const VARIABLES_BYTES = 4_096
/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const RESOURCES = 500
const TEMPLATE_BYTES = 1_000_000
/** Of a role's own policies together, without spaces. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const POLICIES_CHARACTERS = 10_240

/** Stands in for the account, as long as a real one. */
const ANY_ACCOUNT = {
  accountId: '123456789012',
  region: 'ap-southeast-1',
  partition: 'aws-cn',
  stackName: 'wechatpay-reversal',
  awsUrl: 'https://sqs.ap-southeast-1.amazonaws.com',
  apiUrl: 'https://a1b2c3d4e5.execute-api.ap-southeast-1.amazonaws.com',
}

/** What is wrong with a compiled template by AWS's fixed limits, and what a person may have forgotten in it. */
export function checkLimits(template: Template): Finding[] {
  const { resources, ofType } = resolveTemplate(template, ANY_ACCOUNT)
  const block = (what: string, next: string): Finding => ({ isBlocking: true, what, next })
  const bytes = Buffer.byteLength(JSON.stringify(template))

  const names = resources.flatMap(({ type, properties }) => {
    const [property = '', longest = 0] = LONGEST_NAMES[type] ?? []
    const name = properties[property]
    return typeof name === 'string' && name.length > longest ? [{ name, over: name.length - longest, longest }] : []
  })
  const worst = names.toSorted((one, other) => other.over - one.over)[0]

  return [
    ...(worst
      ? [block(text.limits.name(worst.name, worst.name.length, worst.longest), text.limits.shorterStage(worst.over))]
      : []),
    ...ofType('AWS::Lambda::Function')
      .map(({ ref, properties }) => ({ ref, size: variablesBytes(properties.Environment?.Variables) }))
      .filter(({ size }) => size > VARIABLES_BYTES)
      .map(({ ref, size }) => block(text.limits.variables(ref, size, VARIABLES_BYTES), text.limits.fewerVariables)),
    ...ofType('AWS::IAM::Role')
      .map(({ logicalId, properties }) => ({ logicalId, size: policiesCharacters(properties.Policies) }))
      .filter(({ size }) => size > POLICIES_CHARACTERS)
      .map(({ logicalId, size }) =>
        block(text.limits.policies(logicalId, size, POLICIES_CHARACTERS), text.limits.shorterPolicies),
      ),
    ...(resources.length > RESOURCES
      ? [block(text.limits.resources(resources.length, RESOURCES), text.limits.fewerResources)]
      : []),
    ...(bytes > TEMPLATE_BYTES ? [block(text.limits.bytes(bytes, TEMPLATE_BYTES), text.limits.fewerBytes)] : []),
    ...(isEmpty(template, 'AlarmEmail') && isEmpty(template, 'AlarmTopicArn')
      ? [
          {
            isBlocking: false,
            what: text.limits.nobody,
            next: text.limits.somebody,
          },
        ]
      : []),
  ]
}

const variablesBytes = (variables: Record<string, Json> = {}) =>
  Object.entries(variables).reduce((sum, [name, value]) => sum + Buffer.byteLength(`${name}${value}`), 0)

const policiesCharacters = (policies: Json[] = []) =>
  policies.reduce((sum, { PolicyDocument }) => sum + JSON.stringify(PolicyDocument).length, 0)

const isEmpty = ({ Parameters = {} }: Template, name: string) => Parameters[name]?.Default === ''
