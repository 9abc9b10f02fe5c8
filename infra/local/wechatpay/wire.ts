export type Host = 'main' | 'backup'
export type RawHeaders = readonly (readonly [name: string, value: string])[]

/** A request as its bytes came over the wire. */
export interface WireRequest {
  /** The domain it came in on; `main` unless told. */
  host?: Host
  /** That domain's address, for answers that hold one. */
  origin?: string
  method: string
  /** The request target as sent: path and query, nothing decoded. */
  target: string
  /** Every header line, repeated ones included. */
  headers: RawHeaders
  body: Buffer
}

/** All values of a header, case of its name ignored. */
export function valuesOf(headers: RawHeaders, name: string): string[] {
  return headers.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value)
}
