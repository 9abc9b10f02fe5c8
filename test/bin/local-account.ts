import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Template } from '../../infra/local/cloudformation.ts'
import { type LocalStack, startLocalStack } from '../../infra/local/stack.ts'

const arn = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] })

/** What the commands touch of a deployment, without its functions: nothing moves but what they move. */
const template: Template = {
  Resources: {
    Queue: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: 'orders',
        RedrivePolicy: { deadLetterTargetArn: arn('DeadLetters'), maxReceiveCount: 1000 },
      },
    },
    DeadLetters: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead-letters' } },
    Settlements: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'settlements' } },
    Merchant: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'merchants/one' } },
  },
}

/** The environment of a shell that is signed in to the local stack. */
export function shellOf({ awsUrl, region, credentials }: LocalStack): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: awsUrl,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  }
}

/** An account with two queues and an empty secret. */
export async function startLocalAccount() {
  const stack = await startLocalStack({ template })
  const urlOf = (logicalId: string) => stack.resources.find((one) => one.logicalId === logicalId)!.ref
  return {
    stack,
    env: shellOf(stack),
    queueUrl: urlOf('Queue'),
    deadLetterQueueUrl: urlOf('DeadLetters'),
    settlementQueueUrl: urlOf('Settlements'),
    close: stack.close,
  }
}

/** CloudFormation's DescribeStacks for stacks by name, each with its outputs. */
export async function startCloudFormation(stacks: Record<string, Record<string, string>>) {
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const name = new URLSearchParams(body).get('StackName') ?? ''
    const outputs = stacks[name]
    response.setHeader('content-type', 'text/xml')
    if (outputs === undefined) {
      const error = `<Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id ${name} does not exist</Message>`
      return response.writeHead(400).end(`<ErrorResponse><Error>${error}</Error></ErrorResponse>`)
    }
    const members = Object.entries(outputs).map(
      ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
    )
    const stack =
      `<member><StackName>${name}</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime>` +
      `<StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${members.join('')}</Outputs></member>`
    const result = `<DescribeStacksResult><Stacks>${stack}</Stacks></DescribeStacksResult>`
    response.end(
      `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">${result}</DescribeStacksResponse>`,
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    env: { AWS_ENDPOINT_URL_CLOUDFORMATION: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
