/** Fields whose values belong to a customer, or let somebody pay: never shown, not even made-up ones. */
const FIELDS = 'openid|sp_openid|sub_openid|auth_code'
const FIELD = new RegExp(`("(?:${FIELDS})"\\s*:\\s*)"[^"]*"`, 'g')

const LONGEST = 4_000

/** A body fit to be shown: without personal data, and not longer than anybody reads. */
export function fitToShow(body: string): string {
  const shown = body.replaceAll(FIELD, '$1"…"')
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown
}
