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
 * @param made the signature of the request that was answered
 */
export function redact(text: string, made: string): string {
  return text
    .slice(0, 4 * MAX_LENGTH)
    .replace(AUTHORIZATION, '[our Authorization]')
    .replace(LONG_RUN, '[redacted]')
    .replace(PIECE, (piece) => (made.includes(piece) || holds(piece, made) ? '[our signature]' : piece))
    .slice(0, MAX_LENGTH)
}

/** The same for every text in a value parsed from JSON, names included. What lies too deep is left out. */
export function redactDeep(value: unknown, made: string, depth = 0): unknown {
  if (typeof value === 'string') return redact(value, made)
  if (typeof value !== 'object' || value === null) return value
  if (depth === MAX_DEPTH) return '[too deep]'
  if (Array.isArray(value)) return value.map((item) => redactDeep(item, made, depth + 1))
  const entries = Object.entries(value)
  return Object.fromEntries(entries.map(([name, item]) => [redact(name, made), redactDeep(item, made, depth + 1)]))
}

/** A signature is looked for in parts of this length, so that nothing glued to its ends hides it. */
const PART_LENGTH = 16

/** A string no longer than this hardly has room for a part of a signature and something else. */
const SHORT = 2 * PART_LENGTH

/**
 * True when a signature stands in a text, be it JSON or plain: slashes escaped, percent-encoded or once more in base64 as
 * may be. Every good answer is looked through, string by string.
 */
export function carries(text: string, made: string): boolean {
  for (let from = 0, to = 0; to < text.length; from = to + 1) {
    to = text.indexOf('"', from)
    if (to === -1) to = text.length
    if (to - from >= PART_LENGTH && stringCarries(text.slice(from, to), made)) return true
  }
  return false
}

/** Most strings are short, and compared only as they stand. */
function stringCarries(text: string, made: string): boolean {
  if (text.length <= SHORT) return made.includes(text)
  const plain = unescaped(text)
  return holds(plain, made) || (plain.match(BASE64_RUN)?.some((run) => carriesInside(run, made)) ?? false)
}

function holds(text: string, made: string): boolean {
  for (let from = 0; from + PART_LENGTH <= made.length; from += PART_LENGTH) {
    if (text.includes(made.slice(from, from + PART_LENGTH))) return true
  }
  return false
}

const unescaped = (text: string) => text.replaceAll('\\/', '/').replace(/%[2-7][\da-f]/gi, decodeURIComponent)

/** So long a run of base64 may hold a signature in base64 once more. */
const BASE64_RUN = /[A-Za-z0-9+/]{100,}/g

const carriesInside = (base64: string, made: string) =>
  [0, 1, 2, 3].some((offset) => holds(Buffer.from(base64.slice(offset), 'base64').toString('latin1'), made))
