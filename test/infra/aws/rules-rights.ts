// Rules: who may do what, and who can read what.
import { type Json, type Resource, resourcesOf, type Template, walk } from './compiled-template.ts'
import { every, list, type Rules, refersTo } from './rule.ts'

/** Statements of a kind of policy with where they stand. */
function statements(template: Template, property: string): { place: string; statement: Json }[] {
  return Object.entries(template.Resources).flatMap(([id, { Properties }]) =>
    walk(Properties ?? {})
      .filter(({ path }) => path.at(-1) === property)
      .flatMap(({ value }) => list(value.Statement).map((statement: Json) => ({ place: id, statement }))),
  )
}

/** What AWS grants on everything or not at all. */
const WITHOUT_RESOURCES =
  /^(xray:(Put|Get)\w+|logs:\w+LogDeliver(y|ies)|logs:(Describe|Put)(LogGroups|ResourcePolic(y|ies)))$/

/** All merchants of this stage, and nothing else. */
const MERCHANTS = /:secret:wechatpay-reversal-[\w-]+\/merchants\/\*$/

/** Removing it from the stack, or the stack itself, leaves it where it is. */
const outlives = ({ DeletionPolicy = '', UpdateReplacePolicy }: Partial<Resource>) =>
  /^Retain/.test(DeletionPolicy) && UpdateReplacePolicy === 'Retain'

/** What a function calls, on what, and what would become of an order if it might not. */
const CALLS: Readonly<Record<string, readonly (readonly [action: string, on: string, otherwise: string])[]>> = {
  HttpRole: [
    ['sqs:SendMessage', 'ReversalQueue', 'an unfinished order could not be handed over'],
    ['sqs:SendMessage', 'SettlementQueue', 'an open outcome would never be settled'],
  ],
  QueueRole: [
    ['sqs:ReceiveMessage', 'ReversalQueue', 'no order would be received'],
    ['sqs:DeleteMessage', 'ReversalQueue', 'an order that has ended would come again'],
    ['sqs:GetQueueAttributes', 'ReversalQueue', 'Lambda would not read the queue'],
    ['sqs:ChangeMessageVisibility', 'ReversalQueue', 'an order could not back off'],
    ['sqs:SendMessage', 'ReversalQueue', 'what an attempt learned could not travel on'],
    ['sqs:SendMessage', 'DeadLetterQueue', 'a refused order would reach no person'],
    ['sqs:SendMessage', 'SettlementQueue', 'an open outcome would never be settled'],
    ['events:PutEvents', 'EventBus', 'nobody would be told how an order ended'],
  ],
  StepRole: [['sqs:SendMessage', 'SettlementQueue', 'an open outcome would never be settled']],
  SettleRole: [
    ['sqs:ReceiveMessage', 'SettlementQueue', 'no outcome would be settled'],
    ['sqs:ChangeMessageVisibility', 'SettlementQueue', 'what still waits would miss the next run'],
    ['sqs:DeleteMessage', 'SettlementQueue', 'what is settled would be settled again'],
    ['sqs:SendMessage', 'ReversalQueue', 'an order that was not returned would not be reversed again'],
    ['sqs:SendMessage', 'DeadLetterQueue', 'an outcome that is given up would reach no person'],
    ['events:PutEvents', 'EventBus', 'nobody would be told what the books say'],
  ],
  WorkflowRole: [
    ['lambda:InvokeFunction', 'HttpLambdaFunction', 'a sale could not be looked at'],
    ['lambda:InvokeFunction', 'StepLambdaFunction', 'an execution could not reverse'],
    ['lambda:InvokeFunction', 'PayFunctionArn', 'no sale could be made'],
  ],
  SettlementScheduleRole: [['lambda:InvokeFunction', 'SettleLambdaFunction', 'no run would ever begin']],
}

/** Functions that sign or verify, and so read secrets. */
const READERS = ['HttpRole', 'QueueRole', 'StepRole', 'SettleRole']

const statementsOf = (template: Template, role: string): Json[] =>
  list(template.Resources[role]?.Properties.Policies).flatMap(({ PolicyDocument }) => list(PolicyDocument.Statement))

export const RIGHTS_RULES: Rules = {
  'each role may do what its function calls': (template) =>
    Object.entries(CALLS).flatMap(([role, calls]) =>
      calls
        .filter(
          ([action, on]) =>
            !statementsOf(template, role).some(
              ({ Effect, Action, Resource }) =>
                Effect === 'Allow' && list(Action).includes(action) && refersTo(Resource, on),
            ),
        )
        .map(([action, on, otherwise]) => `${role} may not ${action} on ${on}: ${otherwise}`),
    ),
  'a role decrypts secrets for Secrets Manager alone, and no other key': (template) =>
    READERS.flatMap((role) => {
      const decrypts = statementsOf(template, role).filter(({ Action }) => list(Action).includes('kms:Decrypt'))
      const isBound = decrypts.every(
        ({ Resource, Condition }) => refersTo(Resource, 'MerchantKey') && Condition?.StringLike?.['kms:ViaService'],
      )
      return [
        ...(decrypts.length > 0 ? [] : [`${role} cannot decrypt the secrets`]),
        ...(isBound ? [] : [`${role} may decrypt what Secrets Manager did not ask for`]),
      ]
    }),
  // A service acts for whoever asks it: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html.
  'a service that others can use, too, acts on our things for this account alone': (template) =>
    ['AssumeRolePolicyDocument', 'PolicyDocument', 'KeyPolicy']
      .flatMap((property) => statements(template, property))
      .filter(({ statement: { Effect, Principal } }) => {
        const service = Principal?.Service
        return Effect === 'Allow' && /^(scheduler|cloudwatch|sns|events)\./.test(service ?? '')
      })
      .filter(({ statement: { Condition } }) => Condition?.StringEquals?.['aws:SourceAccount'] === undefined)
      .map(({ place, statement: { Principal } }) => `${place}: ${Principal.Service} in any account`),
  'each function has a role of its own': (template) => {
    const roles = resourcesOf(template, 'AWS::Lambda::Function').map(([, { Properties }]) =>
      JSON.stringify(Properties.Role),
    )
    return roles.filter((role, index) => roles.indexOf(role) !== index)
  },
  'no role may do everything, or something to everything': (template) =>
    [...statements(template, 'PolicyDocument'), ...statements(template, 'ResourcePolicy')]
      .filter(({ statement }) => statement.Effect === 'Allow')
      .flatMap(({ place, statement: { Action, Resource, NotAction, NotResource } }) =>
        [
          ...list(Action).filter((action) => action.includes('*')),
          ...list(Action).filter((action) => list(Resource).includes('*') && !WITHOUT_RESOURCES.test(action)),
          ...walk(Resource)
            .map(({ value }) => value)
            .filter((value) => typeof value === 'string' && value.length > 1 && value.includes('*'))
            .filter((value) => !(Action === 'secretsmanager:GetSecretValue' && MERCHANTS.test(value))),
          ...(NotAction || NotResource ? ['everything but'] : []),
        ].map((what) => `${place}: ${what}`),
      ),
  'roles are assumed by one service each, and hold no managed policies': every(
    'AWS::IAM::Role',
    ({ Properties: { AssumeRolePolicyDocument, ManagedPolicyArns } }) =>
      ManagedPolicyArns !== undefined ||
      AssumeRolePolicyDocument.Statement.length !== 1 ||
      typeof AssumeRolePolicyDocument.Statement[0].Principal?.Service !== 'string',
  ),
  'no merchant is in the template: a shop is added without a deploy': (template) =>
    ['AWS::SecretsManager::Secret', 'AWS::SecretsManager::ResourcePolicy'].flatMap((type) =>
      resourcesOf(template, type).map(([id]) => id),
    ),
  'a command finds where merchants are, their key, and who alone may read them': ({ Outputs }) => {
    const readers = Outputs.MerchantSecretReaders?.Value
    return [
      ...(refersTo(Outputs.MerchantKeyArn?.Value, 'MerchantKey') ? [] : ['MerchantKeyArn']),
      ...(MERCHANTS.test(`:secret:${Outputs.MerchantSecretPrefix?.Value}/*`) ? [] : ['MerchantSecretPrefix']),
      ...READERS.filter((role) => !refersTo(readers, role)).map(
        (role) => `MerchantSecretReaders: ${role} is shut out by the policy that npm run secret makes`,
      ),
      ...(refersTo(readers, 'SecretReaderArns') ? [] : ['SecretReaderArns']),
    ]
  },
  'keys rotate': every('AWS::KMS::Key', ({ Properties }) => Properties.EnableKeyRotation !== true),
  'the key of the secrets outlives the stack': (template) =>
    outlives(template.Resources.MerchantKey ?? {}) ? [] : ['MerchantKey'],
  'what outlives the stack is not left behind by a first deploy that fails': (template) =>
    Object.entries(template.Resources)
      .filter(([, { DeletionPolicy = 'Delete' }]) => !['Delete', 'RetainExceptOnCreate'].includes(DeletionPolicy))
      .map(([id]) => id),
  'keys are used by services on our behalf only': every('AWS::KMS::Key', ({ Properties }) =>
    list(Properties.KeyPolicy.Statement)
      .filter(({ Action }) => list(Action).some((action) => /\*|Decrypt|Encrypt|GenerateDataKey/.test(action)))
      .filter(
        ({ Condition }) =>
          !(Condition?.StringLike?.['kms:ViaService'] || Condition?.StringEquals?.['aws:SourceAccount']),
      )
      .map(({ Sid }) => Sid ?? 'a statement'),
  ),
  'alarms travel encrypted': every('AWS::SNS::Topic', ({ Properties }) => !Properties.KmsMasterKeyId),
  'no bucket is public, and none is in clear text': every(
    'AWS::S3::Bucket',
    ({ Properties: { PublicAccessBlockConfiguration = {}, BucketEncryption } }) =>
      !BucketEncryption ||
      !['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'].every(
        (setting) => PublicAccessBlockConfiguration[setting] === true,
      ),
  ),
  'every route asks IAM': every(
    'AWS::ApiGatewayV2::Route',
    ({ Properties }) => Properties.AuthorizationType !== 'AWS_IAM',
  ),
  'no key stands in the template': (template) =>
    walk(template)
      .filter(({ value }) => typeof value === 'string' && /BEGIN [A-Z ]*(KEY|CERTIFICATE)|PRIVATE KEY/.test(value))
      .map(({ path }) => path.join('.')),
}
