/** A JSON object from the wire: whatever stands in it. */
export type Json = Readonly<Record<string, unknown>>

/**
 * The JSON object in a body, or undefined when it is anything else. An empty body (204) counts as one without fields.
 * A name that stands twice makes it unreadable: it would say two things, and every reader picks another.
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
  return countNames(json) === Object.keys(value).length ? (value as Json) : undefined
}

const STRING_OR_MARK = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}:]/g

/** How many names stand in the outermost object of valid JSON: the colons between its braces and no others. */
function countNames(json: string): number {
  let depth = 0
  let names = 0
  for (const [token] of json.matchAll(STRING_OR_MARK)) {
    if (token === '{' || token === '[') depth += 1
    else if (token === '}' || token === ']') depth -= 1
    else if (token === ':' && depth === 1) names += 1
  }
  return names
}
