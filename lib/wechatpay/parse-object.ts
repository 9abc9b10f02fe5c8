/** A JSON object from the wire: whatever stands in it. */
export type Json = Readonly<Record<string, unknown>>

/**
 * The JSON object in a body, or undefined when it is anything else. An empty body (204) counts as one without fields.
 * A name that stands twice makes it unreadable: it would say two things, and every reader picks another. So does a name
 * written with escapes, which may be the same as one written without; WeChat Pay's names are plain words.
 */
export function parseObject(text: string): Json | undefined {
  if (text === '') return {}
  const json = text.replace(/^\uFEFF/, '')
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { count, areEscaped } = countNames(json)
  return count === Object.keys(value).length && !areEscaped ? (value as Json) : undefined
}

/** How many names stand in the outermost object of valid JSON, and whether one of them is written with escapes. */
export function countNames(json: string): { count: number; areEscaped: boolean } {
  let depth = 0
  let count = 0
  let areEscaped = false
  let start = 0
  let end = 0
  for (let at = 0; at < json.length; at++) {
    const mark = json[at]
    if (mark === '"') {
      start = at
      end = endOfString(json, start)
      at = end
    } else if (mark === '{' || mark === '[') depth += 1
    else if (mark === '}' || mark === ']') depth -= 1
    else if (mark === ':' && depth === 1) {
      count += 1
      areEscaped ||= json.slice(start, end).includes('\\')
    }
  }
  return { count, areEscaped }
}

/** Where the string that begins at `start` ends: at the first quote that no backslash escapes. */
function endOfString(json: string, start: number): number {
  let end = json.indexOf('"', start + 1)
  while (isEscaped(json, end)) end = json.indexOf('"', end + 1)
  return end
}

function isEscaped(json: string, at: number): boolean {
  let backslashes = 0
  while (json[at - 1 - backslashes] === '\\') backslashes += 1
  return backslashes % 2 === 1
}
