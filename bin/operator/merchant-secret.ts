import {
  CreateSecretCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  paginateListSecrets,
  type SecretsManagerClient,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager'
import { inLanguage } from '../language/in-language.ts'
import { Failure } from './failure.ts'
import type { Outputs } from './stack.ts'

const text = inLanguage({
  en: {
    oldStack: (stage: string) => `the stack of ${stage} does not say where its merchants are`,
    deployFirst: 'Deploy this version first.',
  },
  'zh-CN': {
    oldStack: (stage) => `${stage} 的堆栈没有说明商户的 secret 在哪里`,
    deployFirst: '请先部署本版本。',
  },
})

/** How a deployment keeps its merchants' secrets. */
export interface MerchantSecretRules {
  /** A merchant's secret is this, a slash and its mchid. */
  prefix: string
  kmsKeyId: string
  /** ARNs of the roles that alone may read. */
  readers: readonly string[]
  tags: { Key: string; Value: string }[]
}

/** @throws Failure when the stack is of a version that kept its secrets in the template */
export function rulesOf(outputs: Outputs, stage: string): MerchantSecretRules {
  const { MerchantSecretPrefix: prefix, MerchantKeyArn: kmsKeyId, MerchantSecretReaders } = outputs
  if (!prefix || !kmsKeyId || !MerchantSecretReaders) {
    throw new Failure(text.oldStack(stage), text.deployFirst)
  }
  const tags = Object.entries({ service: 'wechatpay-reversal', stage }).map(([Key, Value]) => ({ Key, Value }))
  return { prefix, kmsKeyId, readers: MerchantSecretReaders.split(','), tags }
}

/** Whoever administers the account can put a key in; only the functions, and the readers named at deployment, can take it out. */
export const readersOnly = (readers: readonly string[]) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'OnlyItsReaders',
      Effect: 'Deny' as const,
      Principal: '*' as const,
      Action: 'secretsmanager:GetSecretValue',
      Resource: '*', // in a secret's policy: this secret
      Condition: { ArnNotEquals: { 'aws:PrincipalArn': [...readers] } },
    },
  ],
})

/** Puts a merchant's JSON in. A new secret has its policy before it has a value: nobody reads it in between. */
export async function putMerchantSecret(
  client: SecretsManagerClient,
  rules: MerchantSecretRules,
  name: string,
  json: string,
  isThere: boolean,
): Promise<string | undefined> {
  if (!isThere) {
    await client.send(
      new CreateSecretCommand({
        Name: name,
        Description: 'Key and certificate number of one WeChat Pay merchant, as JSON',
        KmsKeyId: rules.kmsKeyId,
        Tags: rules.tags,
      }),
    )
  }
  await protect(client, rules, name)
  return (await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: json }))).VersionId
}

/** Gives every merchant's secret of a deployment its policy, and the deployment's key. Returns their names. */
export async function protectMerchantSecrets(
  client: SecretsManagerClient,
  rules: MerchantSecretRules,
): Promise<string[]> {
  const names: string[] = []
  const pages = paginateListSecrets({ client }, { Filters: [{ Key: 'name', Values: [`${rules.prefix}/`] }] })
  for await (const { SecretList = [] } of pages) {
    for (const { Name, KmsKeyId } of SecretList) {
      if (!Name?.startsWith(`${rules.prefix}/`)) continue
      await protect(client, rules, Name)
      // One of an earlier deployment has that one's key, which the functions of this one cannot use.
      if (KmsKeyId !== rules.kmsKeyId) {
        await client.send(new UpdateSecretCommand({ SecretId: Name, KmsKeyId: rules.kmsKeyId }))
      }
      names.push(Name)
    }
  }
  return names
}

async function protect(client: SecretsManagerClient, { readers }: MerchantSecretRules, SecretId: string) {
  const ResourcePolicy = JSON.stringify(readersOnly(readers))
  await client.send(new PutResourcePolicyCommand({ SecretId, ResourcePolicy, BlockPublicPolicy: true }))
}
