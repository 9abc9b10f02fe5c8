import { createHash } from 'node:crypto'
import type { Json, TemplateOptions } from './cloudformation.ts'

interface Identity {
  ref: string
  attributes: Record<string, string>
}

/** What `Ref` and `Fn::GetAtt` give for one resource. Types that nothing here runs get a name and an ARN of the usual form. */
export function identity(
  logicalId: string,
  type: string,
  property: (name: string) => Json,
  options: TemplateOptions,
): Identity {
  const { accountId, region, partition, stackName } = options
  const arn = (service: string, resource: string, inRegion = region) =>
    `arn:${partition}:${service}:${inRegion}:${accountId}:${resource}`
  const named = (key: string): string => property(key) ?? `${stackName}-${logicalId}`
  const random = (length: number) =>
    createHash('sha256').update(`${stackName}/${logicalId}`).digest('hex').slice(0, length)
  switch (type) {
    case 'AWS::SQS::Queue': {
      const url = `${options.awsUrl}/${accountId}/${named('QueueName')}`
      return {
        ref: url,
        attributes: { Arn: arn('sqs', named('QueueName')), QueueName: named('QueueName'), QueueUrl: url },
      }
    }
    case 'AWS::Lambda::Function': {
      const name = named('FunctionName')
      return { ref: name, attributes: { Arn: arn('lambda', `function:${name}`) } }
    }
    case 'AWS::IAM::Role': {
      const path = property('Path') ?? '/'
      return { ref: named('RoleName'), attributes: { Arn: arn('iam', `role${path}${named('RoleName')}`, '') } }
    }
    case 'AWS::SecretsManager::Secret': {
      const secretArn = arn('secretsmanager', `secret:${named('Name')}-${random(6)}`)
      return { ref: secretArn, attributes: { Id: secretArn, Arn: secretArn } }
    }
    case 'AWS::KMS::Key': {
      const id = random(32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
      return { ref: id, attributes: { Arn: arn('kms', `key/${id}`), KeyId: id } }
    }
    case 'AWS::SNS::Topic': {
      const topicArn = arn('sns', named('TopicName'))
      return { ref: topicArn, attributes: { Arn: topicArn, TopicArn: topicArn, TopicName: named('TopicName') } }
    }
    case 'AWS::S3::Bucket': {
      const name = named('BucketName').toLowerCase()
      return { ref: name, attributes: { Arn: `arn:${partition}:s3:::${name}` } }
    }
    case 'AWS::Events::EventBus':
      return {
        ref: named('Name'),
        attributes: { Arn: arn('events', `event-bus/${named('Name')}`), Name: named('Name') },
      }
    case 'AWS::StepFunctions::StateMachine': {
      const machineArn = arn('states', `stateMachine:${named('StateMachineName')}`)
      return { ref: machineArn, attributes: { Arn: machineArn, Name: named('StateMachineName') } }
    }
    case 'AWS::ApiGatewayV2::Api': {
      const id = random(10)
      return { ref: id, attributes: { ApiId: id, ApiEndpoint: options.apiUrl, Arn: arn('execute-api', id) } }
    }
    case 'AWS::Logs::LogGroup': {
      const name = named('LogGroupName')
      return { ref: name, attributes: { Arn: `${arn('logs', `log-group:${name}`)}:*` } }
    }
    case 'AWS::IAM::ManagedPolicy': {
      const policyArn = arn('iam', `policy/${named('ManagedPolicyName')}`, '')
      return { ref: policyArn, attributes: { PolicyArn: policyArn, Arn: policyArn } }
    }
    default: {
      const service = type.split('::')[1]!.toLowerCase()
      return { ref: `${stackName}-${logicalId}`, attributes: { Arn: arn(service, logicalId) } }
    }
  }
}
