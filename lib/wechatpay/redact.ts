/** The longest text kept of an answer: what a person reads in a log line. */
const MAX_LENGTH = 1024

/** Deeper than anything WeChat Pay sends in `detail`. */
const MAX_DEPTH = 8

/** Our Authorization, in clear: the scheme with fields after it. */
const AUTHORIZATION = /WECHATPAY2-[\w-]+\s+\w+=.*/s

/** So long a run of base64 (or its URL-safe, percent-encoded or escaped form) can only be a signature. */
const LONG_RUN = /[\w+/=%\\-]{100,}/g

/** A piece of base64 long enough to tell that it was cut from a certain signature. */
const PIECE = /[A-Za-z0-9+/]{16,}/g

/**
 * What may be kept of a text from outside: a proxy or a debugging server may echo our request, and nothing signed by us
 * goes into a log, an error or an event. Also shortened to what a log line can bear.
 *
 * @param ourSignature of the request that was answered
 */
export function redact(text: string, ourSignature: string): string {
  return text
    .slice(0, 4 * MAX_LENGTH)
    .replace(AUTHORIZATION, '[our Authorization]')
    .replace(LONG_RUN, '[redacted]')
    .replace(PIECE, (piece) =>
      ourSignature.includes(piece) || containsPart(piece, ourSignature) ? '[our signature]' : piece,
    )
    .slice(0, MAX_LENGTH)
}

/** The same for every text in a value parsed from JSON, names included. What lies too deep is left out. */
export function redactDeep(value: unknown, ourSignature: string, depth = 0): unknown {
  if (typeof value === 'string') return redact(value, ourSignature)
  if (typeof value !== 'object' || value === null) return value
  if (depth === MAX_DEPTH) return '[too deep]'
  if (Array.isArray(value)) return value.map((item) => redactDeep(item, ourSignature, depth + 1))
  const entries = Object.entries(value)
  return Object.fromEntries(
    entries.map(([name, item]) => [redact(name, ourSignature), redactDeep(item, ourSignature, depth + 1)]),
  )
}

/** A signature is looked for in parts of this length, so that nothing glued to its ends hides it. */
const PART_LENGTH = 16

/** A string no longer than this hardly has room for a part of a signature and something else. */
const SHORT = 2 * PART_LENGTH

/**
 * True when a signature stands in a text, be it JSON or plain: slashes escaped, percent-encoded or once more in base64 as
 * may be. Every good answer is looked through, string by string.
 */
export function containsSignature(text: string, ourSignature: string): boolean {
  for (let from = 0, to = 0; to < text.length; from = to + 1) {
    to = text.indexOf('"', from)
    if (to === -1) to = text.length
    if (to - from >= PART_LENGTH && stringContains(text.slice(from, to), ourSignature)) return true
  }
  return false
}

/** Most strings are short, and compared only as they stand. */
function stringContains(text: string, ourSignature: string): boolean {
  if (text.length <= SHORT) return ourSignature.includes(text)
  const plain = unescaped(text)
  return (
    containsPart(plain, ourSignature) ||
    (plain.match(BASE64_RUN)?.some((run) => containsDecoded(run, ourSignature)) ?? false)
  )
}

function containsPart(text: string, ourSignature: string): boolean {
  for (let from = 0; from + PART_LENGTH <= ourSignature.length; from += PART_LENGTH) {
    if (text.includes(ourSignature.slice(from, from + PART_LENGTH))) return true
  }
  return false
}

const unescaped = (text: string) => text.replaceAll('\\/', '/').replace(/%[2-7][\da-f]/gi, decodeURIComponent)

/** So long a run of base64 may hold a signature in base64 once more. */
const BASE64_RUN = /[A-Za-z0-9+/]{100,}/g

const containsDecoded = (base64: string, ourSignature: string) =>
  [0, 1, 2, 3].some((offset) =>
    containsPart(Buffer.from(base64.slice(offset), 'base64').toString('latin1'), ourSignature),
  )
