import { type Finding, failed, ok, skipped, warning } from './checklist.ts'

/** The fields of a merchant's secret that must be there, and one that may be. */
const REQUIRED = [
  'mchid',
  'certificate_serial_no',
  'private_key',
  'wechatpay_public_key_id',
  'wechatpay_public_key',
] as const

export const OTHER_KEYS = 'other_wechatpay_keys'

export type FieldName = (typeof REQUIRED)[number]

/** The secret's fields that are text, and what stands in `other_wechatpay_keys`. */
export type Fields = Partial<Record<FieldName, string>> & { other_wechatpay_keys?: unknown }

/** The secret's JSON, and what is wrong with it. JSON.parse's own words are never shown: they quote the text. */
export function readJson(text: string): { json?: Record<string, unknown>; finding: Finding } {
  const put = "Put the JSON object of the README there; npm run secret makes it from the platform's files."
  const wrong = (detail: string, fix = put) => ({ finding: failed(detail, fix) })
  if (text.trim() === '') return wrong('it is empty')
  if (/^\s*-----BEGIN /.test(text)) return wrong('it is a PEM file, not the JSON that holds it')
  let json: unknown
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    const { message } = error as Error
    const where = /position \d+|line \d+ column \d+/.exec(message)?.[0]
    if (/control character/i.test(message)) {
      return wrong(
        `it is not JSON: a line break stands inside a text (${where})`,
        'Write the line breaks of a PEM as \\n, or make the JSON with npm run secret.',
      )
    }
    return wrong(`it is not JSON${where === undefined ? '' : ` (from ${where})`}`)
  }
  if (typeof json === 'string')
    return wrong('it is a JSON text with the object inside it', 'Put the object itself there, without quotes around.')
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return wrong('it is JSON, but not an object')
  return { json: json as Record<string, unknown>, finding: ok(`a JSON object, ${Buffer.byteLength(text)} bytes`) }
}

/** Are the five fields there, and text? Names those that are not, all at once, and names that look like a slip. */
export function readFields(json: Record<string, unknown>): { fields: Fields; finding: Finding } {
  const strangers = Object.keys(json)
    .filter((name) => ![...REQUIRED, OTHER_KEYS].includes(name))
    .map((name) => (/^\w{1,40}$/.test(name) ? name : 'a name of another kind'))
  const troubles = REQUIRED.flatMap((name) => {
    const value = json[name]
    if (value === undefined) {
      const slip = strangers.find((stranger) => isLike(stranger, name))
      return [`${name} is missing${slip === undefined ? '' : ` (is ${slip} meant?)`}`]
    }
    if (typeof value !== 'string') return [`${name} must be text in quotes, not ${kindOf(value)}`]
    return value.trim() === '' ? [`${name} is empty`] : []
  })
  const texts = REQUIRED.filter((name) => typeof json[name] === 'string' && json[name].trim() !== '')
  const fields = {
    ...Object.fromEntries(texts.map((name) => [name, json[name]])),
    ...(json[OTHER_KEYS] !== undefined && { [OTHER_KEYS]: json[OTHER_KEYS] }),
  }
  return { fields, finding: judge(troubles, strangers) }
}

function judge(troubles: string[], strangers: string[]): Finding {
  if (troubles.length > 0) {
    return failed(troubles.join('; '), `The secret has ${REQUIRED.join(', ')}: add what is missing, spelt like this.`)
  }
  if (strangers.length > 0) {
    return warning(`all there; ${strangers.join(', ')} mean nothing here`, 'Take them out, or correct their spelling.')
  }
  return ok('all there')
}

const bare = (name: string) => name.toLowerCase().replace(/[^a-z]/g, '')

/** `privateKey` for `private_key`, `serial_no` for `certificate_serial_no`. */
const isLike = (stranger: string, name: string) => bare(stranger) !== '' && bare(name).endsWith(bare(stranger))

const kindOf = (value: unknown) => (value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`)

/** `mchid`: ten digits, as a rule. */
export function checkMchid(mchid: string | undefined): Finding {
  if (mchid === undefined) return skipped('there is none')
  const value = mchid.trim()
  if (/^wx/i.test(value))
    return failed(`${value} is an appid`, 'Put the merchant number (商户号) there: 8 to 10 digits.')
  if (!/^\d{1,32}$/.test(value))
    return warning('it is not a number', 'A merchant number (商户号) is 8 to 10 digits: check it.')
  return ok(value)
}

/** An id or serial to be shown; anything else may be a secret that stands in the wrong place. */
export const idOf = (value: string) =>
  /^(PUB_KEY_ID_\w{1,50}|[0-9A-F]{36,40})$/i.test(value) ? value : 'what stands there'

/** The length of the APIv3 key, which is a secret, is not needed here, and is taken for other things. */
export const looksLikeApiv3Key = (value: string) => /^[0-9A-Za-z]{32}$/.test(value)
