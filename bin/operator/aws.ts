import { inLanguage, LANGUAGE } from '../language/in-language.ts'
import { awsInChinese } from './aws-words.zh-CN.ts'
import { Failure } from './failure.ts'

// `npm run deploy` looks at both variables; the SDK for JavaScript at the first alone.
if (!process.env.AWS_REGION && process.env.AWS_DEFAULT_REGION) process.env.AWS_REGION = process.env.AWS_DEFAULT_REGION

/** Waits of the SDK's clients: a person is looking, and a wrong address should say so soon. */
export const requestHandler = { connectionTimeout: 3_000, requestTimeout: 15_000, throwOnRequestTimeout: true }

const text = inLanguage({
  en: {
    signIn: 'Sign in (for example: aws sso login), or set AWS_PROFILE to a profile that may do this.',
    noCredentials: 'no AWS credentials were found',
    expired: 'the AWS credentials have expired',
    notAccepted: 'AWS does not accept these credentials',
    notAllowed: 'AWS does not allow it',
    otherRole: 'Use a role that has this right (the message above names it), or ask who administers the account.',
    notReached: 'AWS cannot be reached',
    lookAtNetwork: 'Look at the network, AWS_REGION and, if set, AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_….',
    noQueue: 'there is no such queue',
    lookAtQueue: 'Look at the queue’s address, AWS_REGION and the account you are signed in to.',
    tooOften: 'AWS is being asked too often',
    later: 'Try again in a minute.',
    keyRefuses: 'the KMS key refuses',
    keyRole: 'Use a role that may use the key of the secret or queue.',
    noRegion: 'no AWS region was given',
    setRegion: 'Set AWS_REGION to the region you deployed to.',
    badRegion: (region: string) => `${region} is no AWS region`,
    giveRegion: 'Give it as AWS names it, for example ap-southeast-1: --region or AWS_REGION.',
    badAddress: (address: string) => `${address} is no address`,
    trouble: (what: string, said: string) => `${what}: ${said}`,
    refused: (name: string, said: string) => `AWS refused: ${name}: ${said}`,
  },
  'zh-CN': {
    signIn: '请登录（例如：aws sso login），或把 AWS_PROFILE 设为有权限的配置。',
    noCredentials: '没有找到 AWS 凭证',
    expired: 'AWS 凭证已过期',
    notAccepted: 'AWS 不接受这些凭证',
    notAllowed: 'AWS 不允许',
    otherRole: '请换用有此权限的角色（权限名见上），或找账号管理员。',
    notReached: '连不上 AWS',
    lookAtNetwork: '请检查网络、AWS_REGION，以及可能设置了的 AWS_ENDPOINT_URL 和 AWS_ENDPOINT_URL_…。',
    noQueue: '没有这个队列',
    lookAtQueue: '请检查队列地址、AWS_REGION 和当前登录的账号。',
    tooOften: '请求 AWS 过于频繁',
    later: '请一分钟后再试。',
    keyRefuses: 'KMS 密钥拒绝了',
    keyRole: '请换用可以使用该 secret 或队列密钥的角色。',
    noRegion: '没有指定 AWS 区域',
    setRegion: '请把 AWS_REGION 设为部署所在的区域。',
    badRegion: (region) => `${region} 不是 AWS 区域`,
    giveRegion: '请按 AWS 的名称给出，例如 ap-southeast-1：--region 或 AWS_REGION。',
    badAddress: (address) => `${address} 不是地址`,
    trouble: (what, said) => `${what}：${said}`,
    refused: (name, said) => `AWS 拒绝了：${name}：${said}`,
  },
})

/** What to do about what AWS, or the way to it, answers to any command; each matched by its name or code. */
const TROUBLES: readonly [pattern: RegExp, what: string, next: string][] = [
  [/^CredentialsProviderError$/, text.noCredentials, text.signIn],
  [/^(ExpiredToken|ExpiredTokenException|RequestExpired|TokenRefreshRequired)$/, text.expired, text.signIn],
  [
    /^(UnrecognizedClientException|InvalidClientTokenId|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignatureException|IncompleteSignature)$/,
    text.notAccepted,
    text.signIn,
  ],
  [
    /^(AccessDenied|AccessDeniedException|AccessDeniedFault|AuthorizationError|NotAuthorized|UnauthorizedOperation)$/,
    text.notAllowed,
    text.otherRole,
  ],
  [
    /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|TimeoutError|AbortError)$/,
    text.notReached,
    text.lookAtNetwork,
  ],
  [/^(AWS\.SimpleQueueService\.NonExistentQueue|QueueDoesNotExist)$/, text.noQueue, text.lookAtQueue],
  [/^(Throttling|ThrottlingException|RequestThrottled|TooManyRequestsException)$/, text.tooOften, text.later],
  [/^(KmsAccessDenied|KMSAccessDeniedException|DecryptionFailure|EncryptionFailure)$/, text.keyRefuses, text.keyRole],
]

/** An error of the AWS SDK in words, or undefined for one that is not. */
export function explainAwsError(error: unknown): Failure | undefined {
  const { name, message, code, input } = error as Error & { code?: string; input?: string }
  if (error instanceof Failure) return error
  if (/^Region is missing/.test(message ?? '')) return new Failure(text.noRegion, text.setRegion)
  const [, badRegion] = /^Region not accepted: region="(.*)"/.exec(message ?? '') ?? []
  if (badRegion !== undefined) return new Failure(text.badRegion(badRegion), text.giveRegion)
  if (code === 'ERR_INVALID_URL') return new Failure(text.badAddress(String(input)), text.lookAtNetwork)
  const trouble = TROUBLES.find(([pattern]) => [name, code].some((given) => given !== undefined && pattern.test(given)))
  if (trouble !== undefined) {
    const [, what, next] = trouble
    return new Failure(text.trouble(what, inWords(firstLine(message || (code ?? name)))), next, { cause: error })
  }
  if (!isAwsError(error)) return undefined
  return new Failure(text.refused(name, firstLine(message)), undefined, { cause: error })
}

const firstLine = (said: string) => said.split('\n')[0]!

const inWords = (said: string): string => (LANGUAGE === 'zh-CN' && awsInChinese(said)) || said

const isAwsError = (error: unknown) => error instanceof Error && '$metadata' in error
