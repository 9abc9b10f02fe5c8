import type { Json } from './cloudformation.ts'

/** One statement of an IAM policy, as the template has it. */
export interface Statement {
  Effect: 'Allow' | 'Deny'
  Action?: string | string[]
  NotAction?: string | string[]
  Resource?: string | string[]
  NotResource?: string | string[]
  /** Whose request it is about; only in the policies of resources. */
  Principal?: '*' | Record<string, string | string[]>
  Condition?: Record<string, Record<string, Json>>
}

/** A right as IAM writes it, with what a request knows besides. */
export interface Right {
  action: string
  resource: string
  context?: Record<string, string>
}

const listOf = (value: Json): string[] => (Array.isArray(value) ? value : [value]).map(String)

/** `*` and `?` as IAM reads them. */
const matches = (pattern: string, text: string, flags = '') =>
  new RegExp(
    `^${pattern
      .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    flags,
  ).test(text)

const matchesAny = (patterns: string | string[], text: string, flags = '') =>
  listOf(patterns).some((pattern) => matches(pattern, text, flags))

/** Condition operators, for one wanted value. Their `Not` forms are these, turned round. */
const operators: Record<string, (actual: string, wanted: string) => boolean> = {
  StringEquals: (actual, wanted) => actual === wanted,
  StringEqualsIgnoreCase: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase(),
  StringLike: (actual, wanted) => matches(wanted, actual),
  ArnEquals: (actual, wanted) => matches(wanted, actual),
  ArnLike: (actual, wanted) => matches(wanted, actual),
  Bool: (actual, wanted) => actual === wanted,
}

function conditionHolds(operator: string, key: string, wanted: Json, context: Record<string, string>): boolean {
  const name = Object.keys(context).find((known) => known.toLowerCase() === key.toLowerCase())
  const actual = name && context[name]
  if (operator === 'Null') return (actual === undefined) === (String(wanted) === 'true')
  const ifExists = operator.endsWith('IfExists')
  const plain = operator.replace('IfExists', '')
  const isNegated = plain.includes('Not')
  const test = operators[plain.replace('Not', '')]
  if (!test) throw new Error(`The condition operator ${operator} is not known here`)
  // A negated operator also holds for what is not there; https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
  if (actual === undefined) return ifExists || isNegated
  return listOf(wanted).some((one) => test(actual, one)) !== isNegated
}

/** Does a statement speak about this right? */
export function appliesTo(statement: Statement, { action, resource, context = {} }: Right): boolean {
  const { Action, NotAction, Resource, NotResource, Condition = {} } = statement
  // IAM reads actions without regard to case.
  if (Action ? !matchesAny(Action, action, 'i') : matchesAny(NotAction ?? '*', action, 'i')) return false
  if (Resource && !matchesAny(Resource, resource)) return false
  if (NotResource && matchesAny(NotResource, resource)) return false
  return Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => conditionHolds(operator, key, wanted, context)),
  )
}

/** Does a resource's statement speak about this principal: an ARN, a service, or everybody? */
export function isAbout({ Principal }: Statement, names: string[]): boolean {
  if (Principal === undefined) return false
  if (Principal === '*') return true
  return Object.values(Principal)
    .flatMap(listOf)
    .some((name) => name === '*' || names.includes(name))
}

/** What the statements say about a right: a Deny is stronger than any Allow. */
export function verdict(statements: Statement[], right: Right): 'Allow' | 'Deny' | undefined {
  const effects = statements.filter((statement) => appliesTo(statement, right)).map(({ Effect }) => Effect)
  return effects.includes('Deny') ? 'Deny' : effects[0]
}
