import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { createMerchantSecrets } from '../../lib/aws/merchant-secrets.ts'
import type { Merchants } from '../../lib/reversal/merchants.ts'
import type { Endpoint } from '../../lib/wechatpay/endpoints.ts'
import { textOf } from '../../lib/wechatpay/text.ts'
import { inLanguage } from '../language/in-language.ts'
import { explainAwsError, requestHandler } from './aws.ts'
import { Failure } from './failure.ts'

const text = inLanguage({
  en: {
    neitherWithValue: (name: string) => `${name} is neither a file nor a secret with a value`,
    isEmptyAtFirst:
      'Look at the spelling and AWS_REGION; a secret that the stack made is empty until npm run secret fills it.',
    markedForDeletion: (name: string) => `secret ${name} is marked for deletion`,
    restore: 'Restore it: aws secretsmanager restore-secret',
    notReadable: (name: string) => `secret ${name} may not be read by you`,
    readersAlone:
      "The stack's secrets are read by its functions alone: deploy with your role in secretReaders, or give the JSON as a file.",
    neither: (name: string) => `${name} is neither a file nor the name or ARN of a secret`,
    lookAtSpelling: 'Look at the spelling.',
  },
  'zh-CN': {
    neitherWithValue: (name) => `${name} 既不是文件，也不是有值的 secret`,
    isEmptyAtFirst: '请检查拼写和 AWS_REGION；部署时建立的 secret 是空的，要用 npm run secret 写入。',
    markedForDeletion: (name) => `secret ${name} 已标记为删除`,
    restore: '恢复它：aws secretsmanager restore-secret',
    notReadable: (name) => `你没有权限读取 secret ${name}`,
    readersAlone: '只有部署的函数能读取 secret：部署时把你的角色写进 secretReaders，或改用 JSON 文件。',
    neither: (name) => `${name} 既不是文件，也不是 secret 的名称或 ARN`,
    lookAtSpelling: '请检查拼写。',
  },
})

/** A client in the region of the secret's ARN, or else in the shell's. */
export function secretsClient(secret: string): SecretsManagerClient {
  const region = /^arn:[^:]+:secretsmanager:([^:]+):/.exec(secret)?.[1]
  return new SecretsManagerClient({ maxAttempts: 2, requestHandler, ...(region !== undefined && { region }) })
}

/** @throws Failure that says what to do */
export async function readSecret(name: string): Promise<string> {
  const client = secretsClient(name)
  try {
    const { SecretString, SecretBinary } = await client.send(new GetSecretValueCommand({ SecretId: name }))
    return SecretString ?? textOf(SecretBinary ?? new Uint8Array())
  } catch (error) {
    throw explainSecret(name, error as Error)
  } finally {
    client.destroy()
  }
}

/** The merchant of one secret, its version before included, as the functions find it. */
export const merchantsOf = (secret: string, endpoints: readonly Endpoint[]): Merchants =>
  createMerchantSecrets({ names: [secret], ttlMs: 300_000, endpoints, client: secretsClient(secret) })

/** What Secrets Manager's own refusals mean for a person with this secret. */
function explainSecret(name: string, error: Error): Error {
  const because = { cause: error }
  switch (error.name) {
    case 'ResourceNotFoundException':
      return new Failure(text.neitherWithValue(name), text.isEmptyAtFirst, because)
    case 'InvalidRequestException':
      return new Failure(text.markedForDeletion(name), text.restore, because)
    case 'AccessDeniedException':
      return new Failure(text.notReadable(name), text.readersAlone, because)
    case 'ValidationException':
    case 'InvalidParameterException':
      return new Failure(text.neither(name), text.lookAtSpelling, because)
    default:
      return explainAwsError(error) ?? error
  }
}
