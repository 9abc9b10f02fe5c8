import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packagedTemplate } from '../../../bin/deployment/packaged.ts'
import { packageTemplate } from '../../../bin/package.ts'

/** Any JSON of a template; the checks narrow it as they go. */
// biome-ignore lint/suspicious/noExplicitAny: a CloudFormation template is open by nature
export type Json = any

export interface Resource {
  Type: string
  Properties: Record<string, Json>
  Condition?: string
  DependsOn?: string | string[]
  DeletionPolicy?: string
  UpdateReplacePolicy?: string
}

export interface Template {
  Parameters: Record<string, { Type: string; Description?: string; Default?: Json; AllowedValues?: Json[] }>
  Conditions: Record<string, Json>
  Resources: Record<string, Resource>
  Outputs: Record<string, { Value: Json }>
}

/** What `npm run package` makes: without arguments the one that is there, else one in a place of its own. */
export async function compiledTemplate(...args: string[]): Promise<Template> {
  const packaged = await packagedTemplate()
  if (args.length === 0) return packaged as Template
  const directory = await mkdtemp(join(tmpdir(), 'wechatpay-reversal-'))
  try {
    const { template } = await packageTemplate({ directory, args })
    return JSON.parse(await readFile(template, 'utf8'))
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** The resources of a type with their logical ids. */
export const resourcesOf = (template: Template, type: string): [string, Resource][] =>
  Object.entries(template.Resources).filter(([, { Type }]) => Type === type)

/** Every value in a piece of JSON with the path to it, from the outside in. */
export function walk(value: Json, path: string[] = []): { value: Json; path: string[] }[] {
  const inside = value !== null && typeof value === 'object' ? Object.entries(value) : []
  return [{ value, path }, ...inside.flatMap(([key, inner]) => walk(inner, [...path, key]))]
}
