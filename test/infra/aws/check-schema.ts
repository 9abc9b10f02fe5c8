// Holds a template against AWS's own resource specification: unknown types and properties, missing ones, wrong types,
// values outside an enumeration.
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec'
import type { PropertyType, ResourceProperties, SpecDatabase } from '@aws-cdk/service-spec-types'
import type { Json, Template } from './compiled-template.ts'

const spec: SpecDatabase = loadAwsServiceSpecSync()

const INTRINSIC = /^(Ref|Condition|Fn::\w+)$/
const isObject = (value: Json) => value !== null && typeof value === 'object' && !Array.isArray(value)

/** The attributes `Fn::GetAtt` may ask of a type, or undefined when AWS knows no such type. */
export function attributesOf(type: string): string[] | undefined {
  const [resource] = spec.lookup('resource', 'cloudFormationType', 'equals', type)
  return resource && Object.keys(resource.attributes)
}

/** What is wrong, one line each, beginning with the path. */
export function checkSchema({ Resources }: Template): string[] {
  return Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) => {
    const [resource] = spec.lookup('resource', 'cloudFormationType', 'equals', Type)
    return resource ? checkObject(Properties, resource.properties, id) : [`${id}: AWS has no ${Type}`]
  })
}

function checkObject(value: Json, properties: ResourceProperties, path: string): string[] {
  if (!isObject(value)) return [`${path}: must be an object`]
  const missing = Object.entries(properties)
    .filter(([name, { required }]) => required && !(name in value))
    .map(([name]) => `${path}.${name}: is required`)
  const wrong = Object.entries(value).flatMap(([name, inner]) => {
    const property = properties[name]
    return property ? check(inner, property.type, `${path}.${name}`) : [`${path}.${name}: AWS knows no such property`]
  })
  return [...missing, ...wrong]
}

function check(value: Json, type: PropertyType, path: string): string[] {
  if (type.type !== 'json' && isIntrinsic(value)) return checkIntrinsic(value, type, path)
  const unless = (right: boolean) => (right ? [] : [`${path}: must be ${type.type}, not ${JSON.stringify(value)}`])
  switch (type.type) {
    case 'string':
      if (type.allowedValues && !type.allowedValues.includes(value)) {
        return [`${path}: must be one of ${type.allowedValues.join(', ')}, not ${JSON.stringify(value)}`]
      }
      return unless(typeof value === 'string')
    case 'number':
      return unless(typeof value === 'number')
    case 'integer':
      return unless(Number.isInteger(value))
    case 'boolean':
      return unless(typeof value === 'boolean')
    case 'array':
      if (!Array.isArray(value)) return unless(false)
      return value.flatMap((inner, index) => check(inner, type.element, `${path}[${index}]`))
    case 'map':
      if (!isObject(value)) return unless(false)
      return Object.entries(value).flatMap(([name, inner]) => check(inner, type.element, `${path}.${name}`))
    case 'ref':
      return checkObject(value, spec.get('typeDefinition', type.reference.$ref).properties, path)
    case 'union': {
      const verdicts = type.types.map((one) => check(value, one, path))
      return verdicts.some(({ length }) => length === 0) ? [] : verdicts[0]!
    }
    case 'tag':
      return unless(typeof value?.Key === 'string' && value.Value !== undefined)
    default:
      return []
  }
}

function isIntrinsic(value: Json) {
  const keys = isObject(value) ? Object.keys(value) : []
  return keys.length === 1 && INTRINSIC.test(keys[0]!)
}

/** An intrinsic function gives a string or a list; `Fn::If` gives what its branches give. */
function checkIntrinsic(value: Json, type: PropertyType, path: string): string[] {
  if (value.Ref === 'AWS::NoValue') return []
  if ('Fn::If' in value) return value['Fn::If'].slice(1).flatMap((branch: Json) => check(branch, type, path))
  const givesText = ['string', 'number', 'integer', 'boolean', 'array', 'union', 'date-time'].includes(type.type)
  return givesText ? [] : [`${path}: an intrinsic function cannot give ${type.type}`]
}
