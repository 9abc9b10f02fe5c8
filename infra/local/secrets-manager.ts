import { randomUUID } from 'node:crypto'
import { AwsError, type AwsService } from './aws-api.ts'
import type { Account, Json, Resource } from './cloudformation.ts'
import type { Right, Statement } from './policy.ts'

interface Version {
  id: string
  stages: Set<string>
  secretString: string
  createdAt: Date
}
interface Secret {
  name: string
  arn: string
  kmsKeyId?: string
  versions: Version[]
  policy?: string
}

export type SecretsManager = AwsService & {
  /** Sets a secret's value: what was AWSCURRENT becomes AWSPREVIOUS. Creates the secret when there is none. */
  put(nameOrArn: string, value: Json, kmsKeyId?: string): void
  remove(nameOrArn: string): void
  arn(nameOrArn: string): string
}

/**
 * Secrets Manager: the calls that reading, creating and rotating a secret needs.
 * The template's secrets exist but have no value until somebody puts one, as after a deploy.
 *
 * @param guard told the policy that somebody puts on a secret
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
export function createSecretsManager(
  { accountId, region, partition }: Account,
  resources: Resource[],
  guard: (arn: string, statements: Statement[]) => void = () => {},
): SecretsManager {
  const secrets = new Map<string, Secret>()
  for (const { ref, properties } of resources) {
    const name = ref.match(/:secret:(.+)-[^-]{6}$/)![1]!
    const { KmsKeyId, SecretString } = properties
    const secret: Secret = { name, arn: ref, versions: [], ...(KmsKeyId && { kmsKeyId: KmsKeyId }) }
    if (SecretString !== undefined) addVersion(secret, SecretString)
    secrets.set(name, secret)
  }

  const arnOf = (name: string) => `arn:${partition}:secretsmanager:${region}:${accountId}:secret:${name}`
  const lookUp = (nameOrArn: string) =>
    [...secrets.values()].find(({ name, arn }) => [name, arn, arnOf(name)].includes(nameOrArn))
  const find = (nameOrArn: string): Secret => {
    const secret = lookUp(nameOrArn)
    if (!secret) throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
    return secret
  }
  const create = (name: string, kmsKeyId?: string): Secret => {
    const secret: Secret = { name, arn: `${arnOf(name)}-${randomUUID().slice(0, 6)}`, versions: [] }
    if (kmsKeyId) secret.kmsKeyId = kmsKeyId
    secrets.set(name, secret)
    return secret
  }
  const described = ({ arn, name }: Secret, { id, stages }: Version) => ({
    ARN: arn,
    Name: name,
    VersionId: id,
    VersionStages: [...stages],
  })

  const operations: Record<string, (input: Json) => Json> = {
    GetSecretValue: ({ SecretId, VersionId, VersionStage = 'AWSCURRENT' }) => {
      const secret = find(SecretId)
      const version = secret.versions.find(({ id, stages }) =>
        VersionId ? id === VersionId : stages.has(VersionStage),
      )
      if (!version) {
        const what = VersionId ? `VersionId: ${VersionId}` : `staging label: ${VersionStage}`
        throw new AwsError(
          'ResourceNotFoundException',
          `Secrets Manager can't find the specified secret value for ${what}`,
        )
      }
      const { secretString, createdAt } = version
      return { ...described(secret, version), SecretString: secretString, CreatedDate: createdAt.getTime() / 1000 }
    },
    DescribeSecret: ({ SecretId }) => {
      const { name, arn, kmsKeyId, versions } = find(SecretId)
      const stages = versions.filter(({ stages }) => stages.size > 0).map(({ id, stages }) => [id, [...stages]])
      return { ARN: arn, Name: name, KmsKeyId: kmsKeyId, VersionIdsToStages: Object.fromEntries(stages) }
    },
    CreateSecret: ({ Name, SecretString, KmsKeyId, ClientRequestToken }) => {
      if (secrets.has(Name)) {
        throw new AwsError('ResourceExistsException', `The operation failed because the secret ${Name} already exists.`)
      }
      const secret = create(Name, KmsKeyId)
      if (SecretString === undefined) return { ARN: secret.arn, Name }
      return described(secret, addVersion(secret, SecretString, ClientRequestToken))
    },
    UpdateSecret: ({ SecretId, KmsKeyId }) => {
      const secret = find(SecretId)
      if (KmsKeyId) secret.kmsKeyId = KmsKeyId
      return { ARN: secret.arn, Name: secret.name }
    },
    PutResourcePolicy: ({ SecretId, ResourcePolicy }) => {
      const secret = find(SecretId)
      secret.policy = ResourcePolicy
      guard(secret.arn, JSON.parse(ResourcePolicy).Statement)
      return { ARN: secret.arn, Name: secret.name }
    },
    GetResourcePolicy: ({ SecretId }) => {
      const { arn, name, policy } = find(SecretId)
      return { ARN: arn, Name: name, ...(policy !== undefined && { ResourcePolicy: policy }) }
    },
    ListSecrets: ({ Filters = [] }) => {
      const values: string[] = Filters.filter(({ Key }: Json) => Key === 'name').flatMap(({ Values }: Json) => Values)
      const isMeant = (name: string) => values.length === 0 || values.some((value) => name.startsWith(value))
      return {
        SecretList: [...secrets.values()]
          .filter(({ name }) => isMeant(name))
          .map(({ arn, name }) => ({ ARN: arn, Name: name })),
      }
    },
    PutSecretValue: ({ SecretId, SecretString, ClientRequestToken, VersionStages }) => {
      const secret = find(SecretId)
      return described(secret, addVersion(secret, SecretString, ClientRequestToken, VersionStages))
    },
  }

  return {
    name: 'secretsmanager',
    target: 'secretsmanager',
    contentType: 'application/x-amz-json-1.1',
    rights: (operation, { SecretId, Name }) => {
      if (operation === 'ListSecrets') return [{ action: 'secretsmanager:ListSecrets', resource: '*' }]
      const { arn, kmsKeyId } = lookUp(SecretId ?? Name) ?? { arn: arnOf(SecretId ?? Name) }
      const rights: Right[] = [{ action: `secretsmanager:${operation}`, resource: arn }]
      if (kmsKeyId && operation === 'GetSecretValue') {
        const context = {
          'kms:ViaService': `secretsmanager.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`,
        }
        rights.push({ action: 'kms:Decrypt', resource: kmsKeyId, context })
      }
      return rights
    },
    call: (operation, input) => {
      const run = operations[operation]
      if (!run) throw new AwsError('UnknownOperationException', `${operation} is not here`)
      return run(input)
    },
    put: (nameOrArn, value, kmsKeyId) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      addVersion(lookUp(nameOrArn) ?? create(nameOrArn, kmsKeyId), text)
    },
    remove: (nameOrArn) => secrets.delete(find(nameOrArn).name),
    arn: (nameOrArn) => find(nameOrArn).arn,
  }
}

/** Staging labels stand on one version each; the one that loses AWSCURRENT becomes AWSPREVIOUS. */
function addVersion(secret: Secret, secretString: string, id: string = randomUUID(), stages = ['AWSCURRENT']): Version {
  const known = secret.versions.find((version) => version.id === id)
  if (known) return known
  const current = secret.versions.find((version) => version.stages.has('AWSCURRENT'))
  const move = (stage: string, to?: Version) => {
    for (const version of secret.versions) version.stages.delete(stage)
    to?.stages.add(stage)
  }
  const version: Version = { id, secretString, stages: new Set(), createdAt: new Date() }
  secret.versions.push(version)
  for (const stage of stages) move(stage, version)
  if (current && !current.stages.has('AWSCURRENT')) move('AWSPREVIOUS', current)
  return version
}
