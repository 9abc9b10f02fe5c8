import { Wechatpay } from 'wechatpay-axios-plugin'
import type { MerchantWithKeys } from '../../../../infra/local/wechatpay/merchants.ts'

export interface Got {
  status: number
  data: Record<string, unknown>
}

interface Chain {
  get: (config: object) => Promise<Got>
  post: (data: object, config?: object) => Promise<Got>
}

/** A client that is not ours, wechatpay-axios-plugin, configured by its base URL. It verifies every answer of 2xx, and rejects a bad one. */
export function foreignClient({ mchid, certificate_serial_no, secret }: MerchantWithKeys, baseURL: string) {
  const client = new Wechatpay({
    mchid,
    serial: certificate_serial_no,
    privateKey: secret.private_key,
    certs: { [secret.wechatpay_public_key_id]: secret.wechatpay_public_key },
    baseURL,
    headers: { 'Wechatpay-Serial': secret.wechatpay_public_key_id },
  } as never) as unknown as { chain: (path: string) => Chain }
  const told = ({ response, ...error }: { response?: Got }) => {
    if (response === undefined) throw error
    return { status: response.status, data: response.data }
  }
  return {
    get: (path: string, params: object = {}, config: object = {}) =>
      client
        .chain(path)
        .get({ params, ...config })
        .catch(told),
    post: (path: string, data: object) => client.chain(path).post(data).catch(told),
  }
}
