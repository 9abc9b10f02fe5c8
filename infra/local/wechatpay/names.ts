/** `partner`: a service provider (服务商) acts for one of its sub-merchants. */
export type Mode = 'direct' | 'partner'

/** Whose an order is. In partner mode `mchid` is the provider's `sp_mchid`, which signs, and `appid` its `sp_appid`. */
export interface Names {
  readonly mchid: string
  readonly appid: string | null
  /** Null in direct mode. */
  readonly sub_mchid: string | null
  readonly sub_appid: string | null
}

export function modeOf({ sub_mchid }: Pick<Names, 'sub_mchid'>): Mode {
  return sub_mchid === null ? 'direct' : 'partner'
}

/** The names as the bodies of their mode spell them; what is null is left out. */
export function wireNames({ mchid, appid, sub_mchid, sub_appid }: Names): Record<string, string> {
  const all = sub_mchid === null ? { appid, mchid } : { sp_appid: appid, sp_mchid: mchid, sub_appid, sub_mchid }
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null))
}
