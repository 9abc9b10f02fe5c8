import {
  GetSecretValueCommand,
  type GetSecretValueCommandOutput,
  SecretsManagerClient,
  type SecretsManagerServiceException,
} from '@aws-sdk/client-secrets-manager'
import { textOf } from '../wechatpay/text.ts'
import { SECRET_OPTIONS } from './patience.ts'

export type SecretStage = 'AWSCURRENT' | 'AWSPREVIOUS'

/** Why a secret has no value for us. */
export class SecretUnavailable extends Error {
  /** It could not be read, so that an older value may serve. */
  readonly canServeStale: boolean
  /** There is no secret of this name. */
  readonly isMissing: boolean
  constructor(name: string, why: string, canServeStale: boolean, isMissing = false) {
    super(`secret ${name}: ${why}`)
    this.canServeStale = canServeStale
    this.isMissing = isMissing
  }
}

/** Reads the text of a secret from Secrets Manager, or says in words why it cannot be read. */
export function createSecretReader(
  client: Pick<SecretsManagerClient, 'send'> = new SecretsManagerClient(SECRET_OPTIONS),
) {
  /** @throws SecretUnavailable, within `timeoutMs`, retries included */
  return async function readSecret(name: string, stage: SecretStage, timeoutMs: number): Promise<string> {
    const command = new GetSecretValueCommand({ SecretId: name, VersionStage: stage })
    let output: GetSecretValueCommandOutput
    try {
      output = await client.send(command, { abortSignal: AbortSignal.timeout(Math.max(0, Math.ceil(timeoutMs))) })
    } catch (error) {
      throw explain(name, error as Error)
    }
    const { SecretString, SecretBinary } = output
    return SecretString ?? textOf(SecretBinary ?? new Uint8Array())
  }
}

/** What each refusal means and whether the last good value may serve meanwhile: not when somebody took the secret away. */
const REFUSALS: Readonly<Record<string, { means: string; canServeStale: boolean }>> = {
  ResourceNotFoundException: {
    means: 'does not exist, or has no value yet: put the merchant’s JSON into it',
    canServeStale: false,
  },
  InvalidRequestException: { means: 'cannot be read: it is marked for deletion', canServeStale: false },
  InvalidParameterException: { means: 'is not a name or an ARN of a secret', canServeStale: false },
  AccessDeniedException: {
    means:
      'must not be read by this function: its role lacks secretsmanager:GetSecretValue on it or kms:Decrypt on its key',
    canServeStale: true,
  },
  DecryptionFailure: { means: 'cannot be decrypted with its KMS key', canServeStale: true },
}

function explain(name: string, error: Error): SecretUnavailable {
  const refusal = REFUSALS[error.name]
  if (refusal === undefined)
    return new SecretUnavailable(name, `Secrets Manager could not be asked (${kindOf(error)})`, true)
  // A secret that was made and holds no value yet is refused under the same name, with a word about its staging label.
  const isMissing = error.name === 'ResourceNotFoundException' && !error.message.includes('staging label')
  return new SecretUnavailable(name, `${refusal.means} (${error.name})`, refusal.canServeStale, isMissing)
}

/** The system's code, the service's name for it or the status. Whatever else the error says may be anything. */
function kindOf(error: Error & { code?: unknown; $metadata?: SecretsManagerServiceException['$metadata'] }): string {
  if (typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)) return error.code
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'no answer in time'
  if (error.name === 'SyntaxError') return String(error.$metadata?.httpStatusCode ?? 'no answer that can be read')
  return /^\w{1,64}$/.test(error.name) ? error.name : 'an error without a name'
}
