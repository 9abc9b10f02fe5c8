import { Failure } from './failure.ts'

// `npm run deploy` looks at both variables; the SDK for JavaScript at the first alone.
if (!process.env.AWS_REGION && process.env.AWS_DEFAULT_REGION) process.env.AWS_REGION = process.env.AWS_DEFAULT_REGION

/** Waits of the SDK's clients: a person is looking, and a wrong address should say so soon. */
export const requestHandler = { connectionTimeout: 3_000, requestTimeout: 15_000, throwOnRequestTimeout: true }

const SIGN_IN = 'Sign in (for example: aws sso login), or set AWS_PROFILE to a profile that may do this.'

/** What to do about what AWS, or the way to it, answers to any command; each matched by its name or code. */
const TROUBLES: readonly [pattern: RegExp, what: string, next: string][] = [
  [/^CredentialsProviderError$/, 'no AWS credentials were found', SIGN_IN],
  [
    /^(ExpiredToken|ExpiredTokenException|RequestExpired|TokenRefreshRequired)$/,
    'the AWS credentials have expired',
    SIGN_IN,
  ],
  [
    /^(UnrecognizedClientException|InvalidClientTokenId|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignatureException|IncompleteSignature)$/,
    'AWS does not accept these credentials',
    SIGN_IN,
  ],
  [
    /^(AccessDenied|AccessDeniedException|AccessDeniedFault|AuthorizationError|NotAuthorized|UnauthorizedOperation)$/,
    'AWS does not allow it',
    'Use a role that has this right (the message above names it), or ask who administers the account.',
  ],
  [
    /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|TimeoutError|AbortError)$/,
    'AWS cannot be reached',
    'Look at the network, AWS_REGION and, if set, AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_….',
  ],
  [
    /^(AWS\.SimpleQueueService\.NonExistentQueue|QueueDoesNotExist)$/,
    'there is no such queue',
    'Look at the queue’s address, AWS_REGION and the account you are signed in to.',
  ],
  [
    /^(Throttling|ThrottlingException|RequestThrottled|TooManyRequestsException)$/,
    'AWS is being asked too often',
    'Try again in a minute.',
  ],
  [
    /^(KmsAccessDenied|KMSAccessDeniedException|DecryptionFailure|EncryptionFailure)$/,
    'the KMS key refuses',
    'Use a role that may use the key of the secret or queue.',
  ],
]

/** An error of the AWS SDK in words, or undefined for one that is not. */
export function explainAwsError(error: unknown): Failure | undefined {
  const { name, message, code } = error as Error & { code?: string }
  if (error instanceof Failure) return error
  if (/^Region is missing/.test(message ?? '')) {
    return new Failure('no AWS region was given', 'Set AWS_REGION to the region you deployed to.')
  }
  const trouble = TROUBLES.find(([pattern]) => [name, code].some((given) => given !== undefined && pattern.test(given)))
  if (trouble !== undefined) {
    const [, what, next] = trouble
    return new Failure(`${what}: ${firstLine(message || (code ?? name))}`, next, { cause: error })
  }
  if (!isAwsError(error)) return undefined
  return new Failure(`AWS refused: ${name}: ${firstLine(message)}`, undefined, { cause: error })
}

const firstLine = (text: string) => text.split('\n')[0]!

const isAwsError = (error: unknown) => error instanceof Error && '$metadata' in error
