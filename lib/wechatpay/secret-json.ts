import { whatIs } from './pem.ts'
import { Refusal } from './refusal.ts'

const PUT =
  "put the JSON object of docs/configuration.md there; npm run secret makes it from the merchant platform's files"

/**
 * The object a merchant's secret is. JSON.parse's own words are never passed on: they quote the text.
 *
 * @throws Refusal
 */
export function readSecretJson(text: string): Record<string, unknown> {
  if (text.trim() === '') throw new Refusal('is empty', PUT)
  let json: unknown
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw notJson(text, (error as Error).message)
  }
  if (typeof json === 'string') {
    throw new Refusal('is JSON text with the object inside it', 'store the object itself, without quotes around it')
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new Refusal('is JSON, but not an object', PUT)
  if ('SecretString' in json || 'SecretBinary' in json) {
    throw new Refusal(
      'is the whole answer of GetSecretValue',
      'store the value of its SecretString alone: aws secretsmanager get-secret-value --query SecretString --output text --secret-id <name>',
    )
  }
  return json as Record<string, unknown>
}

function notJson(text: string, message: string): Refusal {
  if (text.includes('\0')) {
    return new Refusal('is text in UTF-16, read as another encoding', 'save the file as UTF-8, and store that')
  }
  const key = /^\s*[{[]/.test(text) ? undefined : whatIs(text)
  if (key !== undefined) return new Refusal(`${key}, not the JSON that holds one`, PUT)
  const where = /line \d+ column \d+/.exec(message)?.[0]
  if (message.startsWith('Bad control character')) {
    return new Refusal(
      `is not JSON, for a line break stands inside a text (${where})`,
      'write the line breaks of a PEM as \\n, or make the JSON with npm run secret',
    )
  }
  return new Refusal(`is not JSON${where === undefined ? '' : ` (from ${where})`}`, PUT)
}
