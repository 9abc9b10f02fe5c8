import { type Json, type Resource, resourcesOf, type Template, walk } from './compiled-template.ts'

/** What breaks a rule in a template, one line each. A rule's name is the sentence it holds the template to. */
export type Rule = (template: Template) => string[]
export type Rules = Record<string, Rule>

/** A rule about every resource of a type: `broken` says what is wrong with one. */
export const every =
  (type: string, broken: (resource: Resource, id: string, template: Template) => boolean | string[]): Rule =>
  (template) =>
    resourcesOf(template, type).flatMap(([id, resource]) => {
      const found = broken(resource, id, template)
      return Array.isArray(found) ? found.map((what) => `${id}: ${what}`) : found ? [id] : []
    })

/** The properties of one resource; none when it is not there. */
export const one = (template: Template, id: string) => template.Resources[id]?.Properties ?? {}

export const list = (value: Json): Json[] => (value === undefined ? [] : [value].flat())

export const refersTo = (value: Json, id: string) => walk(value).some(({ value }) => value === id)

/** Everything that breaks a rule, as `rule: what`. */
export const check = (rules: Rules, template: Template): string[] =>
  Object.entries(rules).flatMap(([rule, broken]) => broken(template).map((what) => `${rule}: ${what}`))
