import type { Json, ResolvedTemplate, Resource } from './cloudformation.ts'
import type { FunctionConfig } from './environment.ts'
import { DEFAULT_CONCURRENCY, type EventSourceMapping } from './event-source.ts'
import type { Route } from './http-routes.ts'
import type { Iam, Principal } from './iam.ts'
import type { SharedClock } from './shared-clock.ts'

// How the template's resources belong together: who works under which role, what leads where.

/** The role of each function, state machine and schedule, by the ARN of the one that works under it. */
export type Roles = Map<string, Principal>

/** @throws when a role is not in the template, or does not trust the service */
export function assumeRoles(iam: Iam, { ofType }: ResolvedTemplate): Roles {
  const workers = [
    { type: 'AWS::Lambda::Function', service: 'lambda.amazonaws.com', roleOf: ({ Role }: Json) => Role },
    {
      type: 'AWS::StepFunctions::StateMachine',
      service: 'states.amazonaws.com',
      roleOf: ({ RoleArn }: Json) => RoleArn,
    },
    {
      type: 'AWS::Scheduler::Schedule',
      service: 'scheduler.amazonaws.com',
      roleOf: ({ Target }: Json) => Target.RoleArn,
    },
  ]
  return new Map(
    workers.flatMap(({ type, service, roleOf }) =>
      ofType(type).map(({ arn, ref, properties }) => {
        const sessionName = ref.split(':').at(-1)!
        return [arn, iam.assume(roleOf(properties), service, sessionName)] as const
      }),
    ),
  )
}

export interface FunctionSetting {
  region: string
  taskRoot: string
  awsUrl: string
  /** Variables over those of the template. */
  environment: Record<string, string>
  clock?: SharedClock | undefined
}

/** A function as the template describes it, at work under its own role. */
export function toFunction({ properties, ref, arn }: Resource, { credentials }: Principal, setting: FunctionSetting) {
  const { region, taskRoot, awsUrl, environment, clock } = setting
  const variables: Record<string, Json> = {
    ...properties.Environment?.Variables,
    ...environment,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    AWS_ENDPOINT_URL_SQS: awsUrl,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: awsUrl,
    AWS_ENDPOINT_URL_EVENTBRIDGE: awsUrl,
  }
  const config: FunctionConfig = {
    name: ref,
    arn,
    handler: properties.Handler,
    timeoutMs: Number(properties.Timeout ?? 3) * 1000,
    memoryMb: Number(properties.MemorySize ?? 128),
    reservedConcurrency: Number(properties.ReservedConcurrentExecutions ?? Number.POSITIVE_INFINITY),
    mayLoop: properties.RecursiveLoop === 'Allow',
    logFormat: properties.LoggingConfig?.LogFormat ?? 'Text',
    variables: Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)])),
    taskRoot,
    region,
    clock,
  }
  return config
}

/** @throws when a route leads to no function of the template */
export function toRoutes({ ofType }: ResolvedTemplate, functions: FunctionConfig[]): Route[] {
  return ofType('AWS::ApiGatewayV2::Route').map(({ logicalId, properties }) => {
    const { Target, RouteKey, AuthorizationType = 'NONE' } = properties
    const integration = ofType('AWS::ApiGatewayV2::Integration').find(({ ref }) => Target === `integrations/${ref}`)
    const uri: string = integration?.properties.IntegrationUri ?? ''
    const target = functions.find(({ arn }) => uri === arn || uri.includes(`/${arn}/`))
    if (!target) throw new Error(`Route ${logicalId} does not lead to a function of the template`)
    return {
      routeKey: RouteKey,
      functionName: target.name,
      functionArn: target.arn,
      authorizationType: AuthorizationType,
      timeoutMs: Number(integration?.properties.TimeoutInMillis ?? 30_000),
    }
  })
}

/** @throws when a mapping doesn't join a queue and a function of the template */
export function toMappings({ ofType }: ResolvedTemplate, functions: FunctionConfig[]): EventSourceMapping[] {
  return ofType('AWS::Lambda::EventSourceMapping').map(({ logicalId, properties }) => {
    const { FunctionName, EventSourceArn, BatchSize, MaximumBatchingWindowInSeconds, ScalingConfig } = properties
    const target = functions.find(({ name, arn }) => FunctionName === name || FunctionName === arn)
    const queue = ofType('AWS::SQS::Queue').find(({ arn }) => arn === EventSourceArn)
    if (!target || !queue) throw new Error(`${logicalId} must join a queue and a function of the template`)
    return {
      functionName: target.name,
      functionArn: target.arn,
      queueArn: queue.arn,
      queueUrl: queue.ref,
      region: target.region,
      batchSize: Number(BatchSize ?? 10),
      batchingWindowMs: Number(MaximumBatchingWindowInSeconds ?? 0) * 1000,
      maximumConcurrency: Number(ScalingConfig?.MaximumConcurrency ?? DEFAULT_CONCURRENCY),
      reportBatchItemFailures: properties.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
    }
  })
}
