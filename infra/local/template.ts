import type { Json, ResolvedTemplate, Template, TemplateOptions } from './cloudformation.ts'
import { identity } from './identity.ts'

const noValue = Symbol('AWS::NoValue')

/**
 * Resolves parameters, conditions and intrinsic functions as CloudFormation does.
 * Names that CloudFormation would make up are `<stack>-<logical id>` here.
 * @throws when a parameter has no value, or something refers to what is not in the template.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
export function resolveTemplate(template: Template, options: TemplateOptions): ResolvedTemplate {
  const { accountId, region, partition, stackName } = options
  const pseudo: Record<string, Json> = {
    'AWS::AccountId': accountId,
    'AWS::Region': region,
    'AWS::Partition': partition,
    'AWS::StackName': stackName,
    'AWS::StackId': `arn:${partition}:cloudformation:${region}:${accountId}:stack/${stackName}/local`,
    'AWS::URLSuffix': partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com',
    'AWS::NoValue': noValue,
  }

  const parameter = (name: string): Json => {
    const { Type = 'String', Default, AllowedValues } = template.Parameters![name]!
    const value = options.parameters?.[name] ?? Default
    if (value === undefined) throw new Error(`Parameter ${name} has no default: give it a value`)
    if (AllowedValues && !AllowedValues.map(String).includes(String(value))) {
      throw new Error(`Parameter ${name} must be one of ${AllowedValues.join(', ')}, not ${value}`)
    }
    return /^(CommaDelimitedList|List<)/.test(Type) ? String(value).split(',') : String(value)
  }

  const isTrue = (name: string): boolean => {
    if (!(name in (template.Conditions ?? {}))) throw new Error(`There is no condition ${name} in the template`)
    return test(template.Conditions![name])
  }
  const test = (condition: Json): boolean => {
    const [name, value] = Object.entries(condition)[0] as [string, Json]
    switch (name) {
      case 'Condition':
        return isTrue(value)
      case 'Fn::Equals':
        return String(resolve(value[0])) === String(resolve(value[1]))
      case 'Fn::Not':
        return !test(value[0])
      case 'Fn::And':
        return value.every(test)
      case 'Fn::Or':
        return value.some(test)
      default:
        throw new Error(`Unknown condition function ${name}`)
    }
  }

  const identify = (logicalId: string) => {
    const resource = template.Resources[logicalId]
    if (!resource) throw new Error(`There is no resource ${logicalId} in the template`)
    return identity(logicalId, resource.Type, (property) => resolve(resource.Properties?.[property]), options)
  }
  const ref = (name: string): Json => {
    if (name in pseudo) return pseudo[name]
    if (name in (template.Parameters ?? {})) return parameter(name)
    return identify(name).ref
  }
  const getAtt = (path: string): Json => {
    const [logicalId, attribute] = [path.slice(0, path.indexOf('.')), path.slice(path.indexOf('.') + 1)]
    return identify(logicalId).attributes[attribute] ?? `${logicalId}.${attribute}`
  }
  const sub = (text: string, variables: Record<string, Json> = {}): string =>
    text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal, name) => {
      if (literal) return `\${${name}}`
      if (name in variables) return resolve(variables[name])
      return name.includes('.') ? getAtt(name) : ref(name)
    })

  const intrinsics: Record<string, (value: Json) => Json> = {
    Ref: ref,
    'Fn::GetAtt': (value) => getAtt(Array.isArray(value) ? value.join('.') : value),
    'Fn::Sub': (value) => (Array.isArray(value) ? sub(value[0], value[1]) : sub(value)),
    'Fn::Join': ([separator, parts]) => resolve(parts).join(separator),
    'Fn::Select': ([index, list]) => resolve(list)[Number(resolve(index))],
    'Fn::Split': ([separator, text]) => resolve(text).split(separator),
    'Fn::If': ([condition, yes, no]) => resolve(isTrue(condition) ? yes : no),
    'Fn::FindInMap': (path) => path.map(resolve).reduce((map: Json, key: string) => map[key], template.Mappings),
    'Fn::Base64': (value) => Buffer.from(resolve(value)).toString('base64'),
  }

  function resolve(value: Json): Json {
    if (Array.isArray(value)) return value.map(resolve).filter((item) => item !== noValue)
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value)
    const [name, argument] = entries[0] ?? ['', undefined]
    if (entries.length === 1 && intrinsics[name]) return intrinsics[name](argument)
    if (entries.length === 1 && name.startsWith('Fn::')) throw new Error(`Unknown intrinsic function ${name}`)
    return Object.fromEntries(entries.map(([key, item]) => [key, resolve(item)]).filter(([, item]) => item !== noValue))
  }

  const exists = ({ Condition }: { Condition?: string }) => Condition === undefined || isTrue(Condition)
  const resources = Object.entries(template.Resources)
    .filter(([, resource]) => exists(resource))
    .map(([logicalId, { Type, Properties = {} }]) => {
      const { ref, attributes } = identify(logicalId)
      return { logicalId, type: Type, properties: resolve(Properties), ref, arn: attributes.Arn ?? ref }
    })
  const outputs = Object.entries(template.Outputs ?? {})
    .filter(([, output]) => exists(output))
    .map(([name, { Value }]) => [name, String(resolve(Value))])
  return {
    resources,
    outputs: Object.fromEntries(outputs),
    ofType: (type) => resources.filter((resource) => resource.type === type),
  }
}
