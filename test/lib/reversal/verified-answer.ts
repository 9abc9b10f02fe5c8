import type { VerifiedAnswer } from '../../../lib/wechatpay/answer.ts'

/** No code under test looks into it. */
export const EVIDENCE = { body: '', timestamp: '', nonce: '', signature: '', serial: '', request_id: 'signed' }

/** As if WeChat Pay had signed it, under the Request-ID `r<status>`. */
export const verifiedAnswer = (status: number, body: Record<string, unknown> = {}): VerifiedAnswer => ({
  kind: 'verified',
  status,
  body,
  evidence: EVIDENCE,
  request_id: `r${status}`,
  ...(typeof body.code === 'string' && { code: body.code }),
  ...(typeof body.message === 'string' && { message: body.message }),
})
