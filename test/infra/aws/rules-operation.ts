// Rules: functions, API, state machine and alarms as a team can run them.
import { isDeepStrictEqual } from 'node:util'
import { type Json, resourcesOf, type Template, walk } from './compiled-template.ts'
import { every, list, one, type Rules } from './rule.ts'

/** Every state of the machine, those inside branches included. */
function statesOf(machine: Json): [string, Json][] {
  return Object.entries(machine?.States ?? {}).flatMap(([name, state]: [string, Json]) => [
    [name, state] as [string, Json],
    ...list(state.Branches).flatMap(statesOf),
  ])
}
const machineStates = (template: Template) => statesOf(one(template, 'ReversalStateMachine').Definition)

/** The variables of an access log that cannot hold a body, a header or a query. */
const LOGGED =
  /^\$context\.(requestId|requestTime|identity\.(userArn|sourceIp)|routeKey|path|status|responseLatency|integrationErrorMessage)$/

export const OPERATION_RULES: Rules = {
  'every function protects the rest of the account from itself': every(
    'AWS::Lambda::Function',
    ({ Properties }) => Properties.ReservedConcurrentExecutions === undefined,
  ),
  'functions run on nodejs24.x, on arm64 unless asked otherwise, and are traced': (template) => [
    ...every('AWS::Lambda::Function', ({ Properties: { Runtime, Architectures, TracingConfig } }) => [
      ...(Runtime === 'nodejs24.x' ? [] : [`runtime ${Runtime}`]),
      ...(isDeepStrictEqual(Architectures, [{ Ref: 'Architecture' }]) ? [] : ['architecture']),
      ...(TracingConfig?.Mode === 'Active' ? [] : ['tracing']),
    ])(template),
    ...(template.Parameters.Architecture?.Default === 'arm64' ? [] : ['parameter Architecture']),
  ],
  'a function behind the HTTP API ends before the API does': (template) =>
    resourcesOf(template, 'AWS::ApiGatewayV2::Integration').flatMap(([, { Properties }]) => {
      const id = Properties.IntegrationUri['Fn::GetAtt'][0]
      return one(template, id).Timeout < 30 ? [] : [id]
    }),
  'log groups are declared for all who log, and end': (template) => {
    const groups = resourcesOf(template, 'AWS::Logs::LogGroup')
    const names = groups.map(([, { Properties }]) => Properties.LogGroupName)
    const undeclared = resourcesOf(template, 'AWS::Lambda::Function').filter(
      ([, { Properties }]) => !names.includes(`/aws/lambda/${Properties.FunctionName}`),
    )
    const endless = groups.filter(([, { Properties }]) => !(Properties.RetentionInDays > 0))
    return [...undeclared, ...endless].map(([id]) => id)
  },
  'the HTTP API is throttled': every(
    'AWS::ApiGatewayV2::Stage',
    ({ Properties: { DefaultRouteSettings: { ThrottlingRateLimit, ThrottlingBurstLimit } = {} as Json } }) =>
      !(ThrottlingRateLimit > 0 && ThrottlingBurstLimit > 0),
  ),
  'the HTTP API counts each route by itself': every(
    'AWS::ApiGatewayV2::Stage',
    ({ Properties }) => Properties.DefaultRouteSettings?.DetailedMetricsEnabled !== true,
  ),
  'the HTTP API logs who called, and never what': every(
    'AWS::ApiGatewayV2::Stage',
    ({ Properties: { AccessLogSettings } }) => {
      if (!AccessLogSettings?.DestinationArn) return ['no access log']
      const missing = ['requestId', 'requestTime', 'identity.userArn', 'routeKey', 'path', 'status']
        .filter((variable) => !AccessLogSettings.Format.includes(`$context.${variable}"`))
        .map((variable) => `no line says ${variable}`)
      if (missing.length > 0) return missing
      return (AccessLogSettings.Format.match(/\$[\w.]+/g) ?? []).filter((variable: string) => !LOGGED.test(variable))
    },
  ),
  'the state machine runs for days, is traced, and logs no data': every(
    'AWS::StepFunctions::StateMachine',
    ({ Properties: { StateMachineType, LoggingConfiguration, TracingConfiguration } }) => [
      ...(StateMachineType === 'STANDARD' ? [] : ['type']),
      ...(LoggingConfiguration?.Level === 'ALL' && LoggingConfiguration.Destinations ? [] : ['logging']),
      ...(LoggingConfiguration?.IncludeExecutionData === false ? [] : ['logs data']),
      ...(TracingConfiguration?.Enabled === true ? [] : ['tracing']),
    ],
  ),
  'every task has a time-out': (template) =>
    machineStates(template)
      .filter(([, { Type, TimeoutSeconds }]) => Type === 'Task' && !(TimeoutSeconds > 0))
      .map(([name]) => name),
  'a task waits longer than its function runs': (template) =>
    machineStates(template)
      .filter(([, { Resource, TimeoutSeconds }]) => {
        const id = one(template, 'ReversalStateMachine').DefinitionSubstitutions?.[Resource?.slice(2, -1)]?.[
          'Fn::GetAtt'
        ]?.[0]
        return id && TimeoutSeconds <= one(template, id).Timeout
      })
      .map(([name]) => name),
  'retries spread out, grow to a bound and end': (template) =>
    machineStates(template).flatMap(([name, { Retry = [] }]) =>
      Retry.filter(
        (retry: Json) =>
          retry.MaxAttempts !== 0 &&
          !(retry.JitterStrategy === 'FULL' && retry.MaxDelaySeconds > retry.IntervalSeconds && retry.MaxAttempts > 0),
      ).map((retry: Json) => `${name}: ${retry.ErrorEquals}`),
    ),
  'alarms reach somebody, going off and coming back': every(
    'AWS::CloudWatch::Alarm',
    ({ Properties: { AlarmActions = [], OKActions = [], AlarmDescription } }) =>
      AlarmActions.length === 0 || OKActions.length === 0 || !AlarmDescription,
  ),
  'silence is no alarm': every(
    'AWS::CloudWatch::Alarm',
    ({ Properties }) => Properties.TreatMissingData !== 'notBreaching',
  ),
  'nothing is bound to one partition': (template) =>
    walk(template)
      .filter(({ value }) => typeof value === 'string')
      .filter(
        ({ value }) =>
          /\barn:aws\b/.test(value) || (/amazonaws\.com/.test(value) && !/^[a-z]+\.amazonaws\.com$/.test(value)),
      )
      .map(({ value, path }) => `${path.join('.')}: ${value}`),
}
