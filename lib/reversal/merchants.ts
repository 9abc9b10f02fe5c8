import type { Merchant } from '../wechatpay/merchant.ts'

export interface Merchants {
  /** @throws ReversalError UnknownMerchant, CredentialsUnavailable */
  find(mchid: string): Promise<Merchant>
  /**
   * Freshly read credentials that differ from those that failed; undefined when there are none, or none could be read
   * within the time left (milliseconds). Never rejects.
   */
  renew(failed: Merchant, msLeft: () => number): Promise<Renewed | undefined>
}

export interface Renewed {
  merchant: Merchant
  /** They work: later orders use them. */
  adopt(): void
}
