const MAX_LENGTH = 1024

/** Deeper than anything WeChat Pay sends in `detail`. */
const MAX_DEPTH = 8

const AUTHORIZATION = /WECHATPAY2-[\w-]+\s+\w+=.*/s

/** Base64, URL-safe, percent-encoded or escaped: so long a run can only be a signature. */
const LONG_RUN = /[\w+/=%\\-]{100,}/g

/** Long enough to tell from which signature it was cut. */
const PIECE = /[A-Za-z0-9+/]{16,}/g

/**
 * A proxy or a debugging server may echo our request, and no signature of ours may go into a log, an error or an event.
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

/** The same for every text in parsed JSON, names included. */
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

/** Parts of this length are searched for, so that nothing glued to the signature's ends hides it. */
const PART_LENGTH = 16

/** From this length on, a piece of the signature holds a whole part, wherever it was cut. */
const HOLDS_A_PART = 2 * PART_LENGTH - 1

/** Finds the signature in JSON or plain text, also with slashes escaped, percent-encoded, or in base64 once more. */
export function containsSignature(text: string, ourSignature: string): boolean {
  for (let from = 0, to = 0; to < text.length; from = to + 1) {
    to = text.indexOf('"', from)
    if (to === -1) to = text.length
    if (to - from >= PART_LENGTH && stringContains(text.slice(from, to), ourSignature)) return true
  }
  return false
}

/** Most strings are short, and hold no part of a signature and something else. */
function stringContains(text: string, ourSignature: string): boolean {
  if (text.length < HOLDS_A_PART) return ourSignature.includes(text)
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

const BASE64_RUN = /[A-Za-z0-9+/]{100,}/g

const containsDecoded = (base64: string, ourSignature: string) =>
  [0, 1, 2, 3].some((offset) =>
    containsPart(Buffer.from(base64.slice(offset), 'base64').toString('latin1'), ourSignature),
  )
