import { randomBytes } from 'node:crypto'
import { AwsError, type SignedRequest } from './aws-api.ts'
import type { Account, Json, Resource } from './cloudformation.ts'
import { isAbout, type Right, type Statement, verdict } from './policy.ts'
import { accessKeyOf, type Credentials, checkSignature, type SignatureProblem } from './sigv4.ts'
import type { Clock } from './wechatpay/clock.ts'

/** Somebody who signs requests: a role of the template, or a user of the account. */
export interface Principal {
  /** What policies call it. */
  arn: string
  /** What error messages call it. */
  session: string
  credentials: Credentials
  statements: Statement[]
}

/** One kind of call somebody has made, and whether it was let through. */
export interface Access {
  arn: string
  action: string
  resource: string
  isAllowed: boolean
}

export interface Iam {
  /** Every kind of call made so far, each once. */
  access(): Access[]
  /** A role at work for a service. @throws when the template has no such role, or the service may not assume it */
  assume(roleArn: string, service: string, sessionName: string): Principal
  /** A user of the account, with rights of its own. */
  addUser(name: string, statements: Statement[]): Principal
  /** Who signed this. @throws AwsError */
  authenticate(request: SignedRequest, service: string): Promise<Principal>
  /** Makes sure of every right. @throws AwsError */
  require(who: Principal, rights: Right[]): void
  /** From now on, these statements stand with a resource. */
  guard(arn: string, statements: Statement[]): void
  /** May an AWS service do this, by the policy of the resource itself? */
  serviceMay(service: string, right: Right): boolean
}

/**
 * IAM as this stack needs it: the template's roles and their policies, and the policies of its queues, secrets, keys,
 * topics, buckets and functions. Denied unless allowed. A KMS key must allow by its own policy, alone or by letting the account decide.
 *
 * Not checked: AWS's own managed policies (they are taken to hold nothing needed here), permissions boundaries, session
 * and organisation policies, what CloudFormation itself may do, and condition keys beyond those set in `contextOf` and by the
 * services. Logs, metrics and traces are written without asking. Everything here counts as sent over TLS.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function createIam({ accountId, region, partition }: Account, resources: Resource[], clock?: Clock): Iam {
  const principals = new Map<string, Principal>()
  const policies = resourcePolicies(resources)
  // Whoever lives by the machine's clock may call, however far ours is ahead.
  const times = () => [Date.now(), ...(clock ? [clock.now()] : [])]
  const root = `arn:${partition}:iam::${accountId}:root`

  const add = (principal: Omit<Principal, 'credentials'>, isTemporary: boolean): Principal => {
    const credentials: Credentials = {
      accessKeyId: `${isTemporary ? 'ASIA' : 'AKIA'}${randomBytes(8).toString('hex').toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      ...(isTemporary && { sessionToken: randomBytes(60).toString('base64') }),
    }
    const added = { ...principal, credentials }
    principals.set(credentials.accessKeyId, added)
    return added
  }
  const contextOf = (who: Principal, context: Record<string, string> = {}) => ({
    'aws:SecureTransport': 'true',
    'aws:PrincipalArn': who.arn,
    'aws:PrincipalAccount': accountId,
    ...context,
  })

  const isAllowed = (who: Principal, asked: Right): boolean => {
    const right = { ...asked, context: contextOf(who, asked.context) }
    const own = verdict(who.statements, right)
    const policy = policies.get(right.resource) ?? []
    const ofResource = verdict(
      policy.filter((statement) => isAbout(statement, [who.arn])),
      right,
    )
    if (own === 'Deny' || ofResource === 'Deny') return false
    if (ofResource === 'Allow') return true
    if (!right.action.startsWith('kms:')) return own === 'Allow'
    const leavesItToIam = verdict(
      policy.filter((statement) => isAbout(statement, [root, accountId])),
      right,
    )
    return own === 'Allow' && leavesItToIam === 'Allow'
  }

  const seen = new Map<string, Access>()
  const check = (who: Principal, right: Right): boolean => {
    const { arn } = who
    const { action, resource } = right
    const access = { arn, action, resource, isAllowed: isAllowed(who, right) }
    seen.set(Object.values(access).join(' '), access)
    return access.isAllowed
  }

  return {
    assume: (roleArn, service, sessionName) => {
      const role = resources.find(({ type, arn }) => type === 'AWS::IAM::Role' && arn === roleArn)
      if (!role) throw new Error(`${sessionName}: there is no role ${roleArn} in the template`)
      const trust: Statement[] = role.properties.AssumeRolePolicyDocument?.Statement ?? []
      const mayAssume = trust.filter((statement) => isAbout(statement, [service]))
      if (
        verdict(mayAssume, {
          action: 'sts:AssumeRole',
          resource: roleArn,
          context: { 'aws:SourceAccount': accountId },
        }) !== 'Allow'
      ) {
        throw new Error(`${service} is not able to assume the role ${roleArn} of ${sessionName}`)
      }
      const session = `${roleArn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${sessionName}`
      return add({ arn: roleArn, session, statements: statementsOf(role, resources) }, true)
    },
    addUser: (name, statements) => {
      const arn = `arn:${partition}:iam::${accountId}:user/${name}`
      return add({ arn, session: arn, statements }, false)
    },
    authenticate: async (request, service) => {
      const who = principals.get(accessKeyOf(request) ?? '')
      const problem = await checkSignature(request, who?.credentials, { service, region }, times())
      if (problem || !who) throw signatureError(problem ?? 'unknown key', service)
      return who
    },
    access: () => [...seen.values()],
    require: (who, rights) => {
      const missing = rights.find((right) => !check(who, right))
      if (!missing) return
      const { action, resource } = missing
      const message = action.startsWith('kms:')
        ? 'Access to KMS is not allowed'
        : `User: ${who.session} is not authorized to perform: ${action} on resource: ${resource}`
      throw new AwsError('AccessDeniedException', message, statusOfRefusal(action.split(':')[0]!))
    },
    guard: (arn, statements) => void policies.set(arn, statements),
    serviceMay: (service, right) => {
      const about = (policies.get(right.resource) ?? []).filter((statement) => isAbout(statement, [service]))
      return verdict(about, { ...right, context: { 'aws:SourceAccount': accountId, ...right.context } }) === 'Allow'
    },
  }
}

/** A role's statements: its own, and those of the template's policies that name it. */
function statementsOf(role: Resource, resources: Resource[]): Statement[] {
  const attached = resources.filter(
    ({ type, ref, properties }) =>
      (type === 'AWS::IAM::Policy' && properties.Roles?.includes(role.ref)) ||
      (type === 'AWS::IAM::ManagedPolicy' &&
        (properties.Roles?.includes(role.ref) || role.properties.ManagedPolicyArns?.includes(ref))),
  )
  return [...(role.properties.Policies ?? []), ...attached.map(({ properties }) => properties)].flatMap(
    ({ PolicyDocument }: Json) => PolicyDocument.Statement,
  )
}

/** The statements that stand with the resources themselves, by the resource's ARN. */
function resourcePolicies(resources: Resource[]): Map<string, Statement[]> {
  const policies = new Map<string, Statement[]>()
  const add = (nameOrArn: string, statements: Statement[]) => {
    const arn = resources.find((one) => one.ref === nameOrArn)?.arn ?? nameOrArn
    policies.set(arn, [...(policies.get(arn) ?? []), ...statements])
  }
  for (const { type, ref, properties } of resources) {
    if (type === 'AWS::SQS::QueuePolicy') {
      for (const url of properties.Queues) add(url, properties.PolicyDocument.Statement)
    }
    if (type === 'AWS::SNS::TopicPolicy') {
      for (const topic of properties.Topics) add(topic, properties.PolicyDocument.Statement)
    }
    if (type === 'AWS::S3::BucketPolicy') add(properties.Bucket, properties.PolicyDocument.Statement)
    if (type === 'AWS::SecretsManager::ResourcePolicy') add(properties.SecretId, properties.ResourcePolicy.Statement)
    if (type === 'AWS::KMS::Key') add(ref, properties.KeyPolicy?.Statement ?? [])
    if (type === 'AWS::Lambda::Permission') {
      const { FunctionName, Action, Principal, SourceArn } = properties
      const Condition = SourceArn && { Condition: { ArnLike: { 'aws:SourceArn': SourceArn } } }
      add(FunctionName, [{ Effect: 'Allow', Action, Principal: { Service: Principal }, ...Condition }])
    }
  }
  return policies
}

const signatureErrors: Record<SignatureProblem, [string, string]> = {
  missing: ['MissingAuthenticationTokenException', 'Request is missing Authentication Token'],
  'unknown key': ['UnrecognizedClientException', 'The security token included in the request is invalid.'],
  expired: ['InvalidSignatureException', 'Signature expired or not yet current.'],
  wrong: [
    'InvalidSignatureException',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
  ],
}

function signatureError(problem: SignatureProblem, service: string): AwsError {
  const [name, message] = signatureErrors[problem]
  return new AwsError(name, message, statusOfRefusal(service))
}

const statusOfRefusal = (service: string) => (['sqs', 'lambda', 'execute-api'].includes(service) ? 403 : 400)
