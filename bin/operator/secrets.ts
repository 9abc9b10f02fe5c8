import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { createMerchantSecrets } from '../../lib/aws/merchant-secrets.ts'
import type { Merchants } from '../../lib/reversal/merchants.ts'
import type { Endpoint } from '../../lib/wechatpay/endpoints.ts'
import { textOf } from '../../lib/wechatpay/text.ts'
import { explainAwsError, requestHandler } from './aws.ts'
import { Failure } from './failure.ts'

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
      return new Failure(
        `${name} is neither a file nor a secret with a value`,
        'Look at the spelling and AWS_REGION; a secret that the stack made is empty until npm run secret fills it.',
        because,
      )
    case 'InvalidRequestException':
      return new Failure(
        `secret ${name} is marked for deletion`,
        'Restore it: aws secretsmanager restore-secret',
        because,
      )
    case 'AccessDeniedException':
      return new Failure(
        `secret ${name} may not be read by you`,
        "The stack's secrets are read by its functions alone: deploy with your role in secretReaders, or give the JSON as a file.",
        because,
      )
    case 'ValidationException':
    case 'InvalidParameterException':
      return new Failure(`${name} is neither a file nor the name or ARN of a secret`, 'Look at the spelling.', because)
    default:
      return explainAwsError(error) ?? error
  }
}
