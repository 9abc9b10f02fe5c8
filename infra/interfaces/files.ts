import { stringify } from 'yaml'
import { openApi } from './openapi.ts'
import { type InterfaceName, jsonSchemaOf, SCHEMAS } from './schemas.ts'

/** The interfaces as files, by name. */
export function interfaceFiles(): Record<string, string> {
  const schemas = (Object.keys(SCHEMAS) as InterfaceName[]).map((name) => [
    `${name}.schema.json`,
    `${JSON.stringify(jsonSchemaOf(name), null, 2)}\n`,
  ])
  const yaml = stringify(openApi(), { aliasDuplicateObjects: false, lineWidth: 120 })
  return { 'openapi.yml': yaml, ...Object.fromEntries(schemas) }
}
