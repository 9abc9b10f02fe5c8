import { createCipheriv, randomBytes, X509Certificate } from 'node:crypto'
import { errorResult, ok, type Result } from './error-codes.ts'
import type { KeyRing } from './keys.ts'
import { type Asked, type Incoming, NOTHING, type Operation, parameterError, type World } from './operation.ts'
import { chinaTime } from './transactions.ts'

/** AES-256-GCM with the tag behind the text; the nonce goes as text of 12 bytes (official: certificate and notice decryption). */
function encrypted(pem: string, apiV3Key: string) {
  const nonce = randomBytes(6).toString('hex')
  const associated_data = 'certificate'
  const cipher = createCipheriv('aes-256-gcm', apiV3Key, nonce)
  cipher.setAAD(Buffer.from(associated_data))
  const ciphertext = Buffer.concat([cipher.update(pem, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64')
  return { algorithm: 'AEAD_AES_256_GCM', associated_data, ciphertext, nonce }
}

/** 获取平台证书列表: what SDKs download before their first call, unless they are given the public key. */
function certificates(apiV3Key: string, keys: KeyRing): Result {
  const data = keys
    .list()
    .filter(({ kind }) => kind === 'platform certificate')
    .map(({ id, pem }) => {
      const { validFrom, validTo } = new X509Certificate(pem)
      return {
        effective_time: chinaTime(Date.parse(validFrom)),
        encrypt_certificate: encrypted(pem, apiV3Key),
        expire_time: chinaTime(Date.parse(validTo)),
        serial_no: id,
      }
    })
  return ok({ data })
}

function readCertificates({ merchant, query, body }: Incoming): Asked | Result {
  if (body.length > 0) return errorResult('INVALID_REQUEST', 'GET takes no body')
  if (query !== undefined) return parameterError('query', query, 'must be absent', 'query')
  const { mchid, apiV3Key } = merchant
  // Which code a merchant without the key is told is inferred.
  if (apiV3Key === undefined) return errorResult('RESOURCE_NOT_EXISTS', '商户未设置APIv3密钥')
  const names = { mchid, appid: null, sub_mchid: null, sub_appid: null }
  const handle = ({ keys }: World) => ({ result: certificates(apiV3Key, keys), effect: NOTHING })
  return { names, out_trade_no: null, handle }
}

export const CERTIFICATE_OPERATIONS: readonly Operation[] = [
  { endpoint: 'certificates', method: 'GET', path: /^\/v3\/certificates$/, read: readCertificates },
]
