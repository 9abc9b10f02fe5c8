import { createHash } from 'node:crypto'
import { AwsV4Signer } from 'aws4fetch'
import type { SignedRequest } from './aws-api.ts'

export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
}

/** Why a signature is not taken. */
export type SignatureProblem = 'missing' | 'unknown key' | 'expired' | 'wrong'

const cache = new Map<string, ArrayBuffer>()
const MAX_AGE_MS = 5 * 60_000

/** The access key a request names, whether or not it is signed with it. */
export const accessKeyOf = ({ headers }: SignedRequest): string | undefined =>
  headers.authorization?.match(/^AWS4-HMAC-SHA256 Credential=([^/]+)\//)?.[1]

/**
 * Checks an AWS signature (version 4, in the Authorization header) by making it again.
 * @param timesMs the clocks by which it may be of now
 * @returns the first thing wrong with it, if anything
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export async function checkSignature(
  request: SignedRequest,
  credentials: Credentials | undefined,
  scope: { service: string; region: string },
  timesMs: readonly number[] = [Date.now()],
): Promise<SignatureProblem | undefined> {
  const { method, url, headers, body } = request
  const [, signedHeaders] = headers.authorization?.match(/SignedHeaders=([^,\s]+)/) ?? []
  if (!accessKeyOf(request) || !signedHeaders) return 'missing'
  if (!credentials || headers['x-amz-security-token'] !== credentials.sessionToken) return 'unknown key'

  const datetime = String(headers['x-amz-date'])
  const signedAt = Date.parse(datetime.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (!timesMs.some((nowMs) => Math.abs(nowMs - signedAt) <= MAX_AGE_MS)) return 'expired'
  const { service, region } = scope
  const bodyHash = headers['x-amz-content-sha256']
  if (bodyHash !== undefined && bodyHash !== createHash('sha256').update(body).digest('hex')) return 'wrong'

  const names = signedHeaders.split(';')
  const mustBeSigned = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))]
  if (!mustBeSigned.every((name) => names.includes(name))) return 'wrong'
  const signer = new AwsV4Signer({
    method,
    url: `http://${headers.host}${url}`,
    headers: names
      .filter((name) => name !== 'host')
      .map((name): [string, string] => [name, String(headers[name] ?? '')]),
    body: new Uint8Array(body),
    accessKeyId: credentials.accessKeyId,
    secretAccessKey: credentials.secretAccessKey,
    service,
    region,
    datetime,
    allHeaders: true,
    cache,
  })
  // Clients differ in the space after a comma.
  const plain = (text = '') => text.replaceAll(/,\s*/g, ',')
  return plain(await signer.authHeader()) === plain(headers.authorization) ? undefined : 'wrong'
}
