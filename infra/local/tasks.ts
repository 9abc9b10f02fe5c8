import type { Iam } from './iam.ts'
import type { Lambda } from './lambda.ts'
import type { InvokeTask } from './state-machine.ts'
import type { Roles } from './wiring.ts'

const named = (name: string, message: string) => Object.assign(new Error(message), { name })

/**
 * How a state machine calls a function: under its own role, a failure named as Step Functions names it: by the function's
 * `errorType`, or `Lambda.<exception>`. That a missing right is a `Lambda.AWSLambdaException` is not documented; it is
 * what people report.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export const createTasks =
  (lambda: Lambda, iam: Iam, roles: Roles): InvokeTask =>
  async (machineArn, nameOrArn, input) => {
    const target = lambda.functions.find(({ name, arn }) => [name, arn, `${arn}:$LATEST`].includes(nameOrArn))
    try {
      iam.require(roles.get(machineArn)!, [{ action: 'lambda:InvokeFunction', resource: target?.arn ?? nameOrArn }])
    } catch (error) {
      throw named('Lambda.AWSLambdaException', (error as Error).message)
    }
    if (!target) throw named('Lambda.ResourceNotFoundException', `Function not found: ${nameOrArn}`)
    const { payload, functionError } = await lambda.invoke(target.name, JSON.stringify(input)).catch((error) => {
      throw named(`Lambda.${error.name}`, error.message)
    })
    if (functionError) throw named(JSON.parse(payload).errorType ?? 'Lambda.Unknown', payload)
    return JSON.parse(payload)
  }
