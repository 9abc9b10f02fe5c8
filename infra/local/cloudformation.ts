/** A value of a CloudFormation template: JSON that may hold intrinsic functions. */
// biome-ignore lint/suspicious/noExplicitAny: a template is open JSON; every reader of it checks what it takes
export type Json = any

export interface Template {
  Parameters?: Record<string, { Type?: string; Default?: Json; AllowedValues?: Json[] }>
  Mappings?: Record<string, Record<string, Record<string, Json>>>
  Conditions?: Record<string, Json>
  Resources: Record<string, { Type: string; Properties?: Json; Condition?: string }>
  Outputs?: Record<string, { Value: Json; Description?: string; Condition?: string }>
}

export interface Account {
  accountId: string
  region: string
  partition: string
  stackName: string
}

export type TemplateOptions = Account & {
  /** Values for the template's parameters; those left out take their default. */
  parameters?: Record<string, string>
  /** Where the services of this stack answer. Queue URLs and the API's endpoint are made from these. */
  awsUrl: string
  apiUrl: string
}

/** A resource as it stands after every intrinsic function is resolved. */
export interface Resource {
  logicalId: string
  type: string
  properties: Json
  ref: string
  arn: string
}

export interface ResolvedTemplate {
  resources: Resource[]
  outputs: Record<string, string>
  ofType(type: string): Resource[]
}
