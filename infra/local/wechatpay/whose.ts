import { errorResult, type Result, refusalResult } from './error-codes.ts'
import type { Merchant } from './merchants.ts'
import { modeOf, type Names } from './names.ts'
import { parameterError } from './operation.ts'
import type { SimulatorOptions } from './options.ts'
import type { Order } from './order.ts'

/** The names a request may carry, in the spelling of either mode. */
export interface NamesAsSent {
  mchid?: string | undefined
  appid?: string | undefined
  sp_mchid?: string | undefined
  sp_appid?: string | undefined
  sub_mchid?: string | undefined
  sub_appid?: string | undefined
}

/** Whose order a direct merchant means; refused unless the merchant signed for itself. */
export function directNames(merchant: Merchant, sent: NamesAsSent, location: 'body' | 'query'): Names | Result {
  const { mchid, appid = null } = sent
  if (mchid !== merchant.mchid) return parameterError('mchid', mchid ?? null, 'must be the mchid that signed', location)
  if (appid !== null && !merchant.appids.includes(appid)) return errorResult('APPID_MCHID_NOT_MATCH')
  return { mchid, appid, sub_mchid: null, sub_appid: null }
}

/** Whose order a provider means; refused unless the provider signed and the sub-merchant is its own. */
export function partnerNames(merchant: Merchant, sent: NamesAsSent, location: 'body' | 'query'): Names | Result {
  const { sp_mchid, sp_appid = null, sub_mchid, sub_appid = null } = sent
  if (sp_mchid !== merchant.mchid) {
    return parameterError('sp_mchid', sp_mchid ?? null, 'must be the mchid that signed', location)
  }
  if (sub_mchid === undefined) return refusalResult('sub_mchid is missing')
  if (sub_mchid === sp_mchid) return refusalResult('sub_mchid is the own mchid')
  const subAppids = merchant.subMerchants.get(sub_mchid)
  if (!subAppids) return refusalResult('no such relation')
  if (sp_appid !== null && !merchant.appids.includes(sp_appid)) return errorResult('APPID_MCHID_NOT_MATCH')
  if (sub_appid !== null && !subAppids.includes(sub_appid)) {
    return errorResult('APPID_MCHID_NOT_MATCH', 'sub_mch_id与sub_appid不匹配')
  }
  return { mchid: sp_mchid, appid: sp_appid, sub_mchid, sub_appid }
}

/** Null when the order is the one these names mean; else what such a request is refused with. */
export function ownerFault(
  order: Order,
  names: Names,
  { subMchidMismatch }: Pick<SimulatorOptions, 'subMchidMismatch'>,
): Result | null {
  if (modeOf(names) === 'direct' && modeOf(order) === 'partner') return refusalResult('mchid does not own the order')
  if (order.sub_mchid !== names.sub_mchid) return refusalResult('sub_mchid does not match', subMchidMismatch)
  // That an appid must be the one the order was placed with is inferred.
  const differs = (name: 'appid' | 'sub_appid') =>
    names[name] !== null && order[name] !== null && names[name] !== order[name]
  return differs('appid') || differs('sub_appid') ? errorResult('APPID_MCHID_NOT_MATCH') : null
}
