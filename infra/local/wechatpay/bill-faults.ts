/** What is wrong with every bill that is asked for, by name. */
export const BILL_FAULTS = {
  'not ready': 'the bill is still being made',
  none: 'there was no trade that day, whatever the books say',
  'wrong hash': 'the signed hash is of other bytes',
  cut: 'the file ends half-way',
  'wrong count': 'the summary counts one row more; hash and signature are right',
  'another host': 'the address leads to a host of somebody else',
  expired: 'the address is no longer valid',
  forged: 'an amount was changed on the way',
  redirected: 'the download leads elsewhere',
} as const satisfies Record<string, string>

export type BillFault = keyof typeof BILL_FAULTS
