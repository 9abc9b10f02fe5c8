// Whether everything a template refers to exists, is there when it is referred to, and can be made in some order.
import { attributesOf } from './check-schema.ts'
import type { Json, Resource, Template } from './compiled-template.ts'

const PSEUDO = /^AWS::(AccountId|NoValue|NotificationARNs|Partition|Region|StackId|StackName|URLSuffix)$/

interface Reference {
  kind: 'ref' | 'attribute' | 'condition'
  name: string
  attribute?: string
  under: string[]
}

/** What is wrong, one line each, beginning with where it stands. */
export function checkReferences(template: Template): string[] {
  const places: [string, Json, Resource?][] = [
    ...Object.entries(template.Resources).map(([id, one]) => [id, one, one] as [string, Json, Resource]),
    ...Object.entries(template.Outputs).map(([id, one]) => [`output ${id}`, one] as [string, Json]),
    ...Object.entries(template.Conditions).map(([id, one]) => [`condition ${id}`, one] as [string, Json]),
  ]
  return [
    ...places.flatMap(([place, value, { Condition, DependsOn = [] } = {} as Resource]) => {
      const under = Condition ? [Condition] : []
      const named = [DependsOn].flat().map((name): Reference => ({ kind: 'ref', name, under }))
      return [...referencesIn(value, under), ...named]
        .map((reference) => problemWith(reference, template))
        .filter((problem) => problem !== undefined)
        .map((problem) => `${place}: ${problem}`)
    }),
    ...cyclesIn(template),
  ]
}

function problemWith({ kind, name, attribute, under }: Reference, { Parameters, Conditions, Resources }: Template) {
  if (kind === 'condition') return name in Conditions ? undefined : `there is no condition ${name}`
  if (kind === 'ref' && (name in Parameters || PSEUDO.test(name))) return undefined
  const resource = Resources[name]
  if (!resource) return `there is no ${name}`
  if (resource.Condition && !under.includes(resource.Condition)) return `${name} is there only if ${resource.Condition}`
  if (attribute && !attributesOf(resource.Type)?.includes(attribute)) return `${name} has no attribute ${attribute}`
  return undefined
}

/** All references in a value. `under` are the conditions that hold where it stands. */
function referencesIn(value: Json, under: string[]): Reference[] {
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, inner]: [string, Json]): Reference[] => {
    if (key === 'Ref') return [{ kind: 'ref', name: inner, under }]
    if (key === 'Condition' && typeof inner === 'string') return [{ kind: 'condition', name: inner, under }]
    if (key === 'Fn::GetAtt') {
      const [name, attribute] = Array.isArray(inner) ? inner : inner.split('.')
      return [{ kind: 'attribute', name, attribute, under }]
    }
    if (key === 'Fn::If') {
      const [condition, yes, no] = inner
      const itself: Reference = { kind: 'condition', name: condition, under }
      return [itself, ...referencesIn([yes], [...under, condition]), ...referencesIn([no], under)]
    }
    if (key === 'Fn::Sub') {
      const [text, own = {}] = Array.isArray(inner) ? inner : [inner]
      const names = [...text.matchAll(/\$\{([^!}]+)\}/g)].map(([, name]) => name as string)
      const outer = names
        .filter((name) => !(name in own))
        .map((whole): Reference => {
          const [name, attribute] = whole.split('.') as [string, string?]
          return attribute ? { kind: 'attribute', name, attribute, under } : { kind: 'ref', name, under }
        })
      return [...outer, ...referencesIn(own, under)]
    }
    return referencesIn(inner, under)
  })
}

function cyclesIn({ Resources }: Template): string[] {
  const needs = (id: string) => {
    const { DependsOn = [], ...resource } = Resources[id]!
    return [...referencesIn(resource, []).map(({ name }) => name), ...[DependsOn].flat()].filter(
      (name) => name in Resources,
    )
  }
  const done = new Set<string>()
  const visit = (id: string, way: string[]): string[] => {
    if (way.includes(id)) return [`${[...way.slice(way.indexOf(id)), id].join(' → ')}: neither can be made first`]
    if (done.has(id)) return []
    const found = needs(id).flatMap((name) => visit(name, [...way, id]))
    done.add(id)
    return found
  }
  return Object.keys(Resources).flatMap((id) => visit(id, []))
}
