/** Why a bill proves nothing. Each of them leaves the orders where they are, and a person can look. */
export type BillRefusal =
  | 'another host' // the address is none of our endpoints
  | 'redirect' // the download leads elsewhere: never followed
  | 'expired' // the address is no longer valid, or strange to WeChat Pay
  | 'no answer' // nobody answered, or not now
  | 'refused' // WeChat Pay refused the question: the code says why
  | 'unverified' // the answer that holds the hash is not WeChat Pay's
  | 'no hash' // the answer holds no SHA-1, or no address
  | 'wrong hash' // the bytes are not those that were signed
  | 'cut' // the file ended too early
  | 'not gzip' // the file cannot be inflated
  | 'not a bill' // the bytes are signed, but we cannot read them
  | 'wrong count' // not as many rows as the summary says
  | 'another merchant' // a row of somebody else
  | 'another day' // no row of the day that was asked for
  | 'too large' // more than we read
  | 'too slow' // no end within the time it may take

/** The bill cannot be used. `detail` holds nothing of the bill that is personal. */
export class BillRefused extends Error {
  override readonly name = 'BillRefused'
  readonly reason: BillRefusal

  constructor(reason: BillRefusal, detail: string, options?: ErrorOptions) {
    super(detail, options)
    this.reason = reason
  }
}
