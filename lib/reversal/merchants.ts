import type { Merchant } from '../wechatpay/merchant.ts'

/** Where an attempt finds the keys of an order's merchant. */
export interface Merchants {
  /** @throws ReversalError UnknownMerchant, CredentialsUnavailable */
  find(mchid: string): Promise<Merchant>
  /**
   * Other credentials than those that failed, freshly read; undefined when there are none, or none could be read within
   * the time left (milliseconds). Never rejects.
   */
  renew(failed: Merchant, msLeft: () => number): Promise<Renewed | undefined>
}

export interface Renewed {
  merchant: Merchant
  /** They work: let the orders after this one begin with them. */
  adopt(): void
}
