import { AwsError, type RestService } from './aws-api.ts'
import { type Lambda, RecursiveInvocation, TooManyRequests } from './lambda.ts'

/**
 * Lambda's Invoke: `RequestResponse`, `Event` and `DryRun`. Unlike Lambda, an `Event` that fails is not tried again.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function createLambdaApi(lambda: Lambda): RestService {
  const find = (url: string) => {
    const wanted = decodeURIComponent(url.match(/^\/2015-03-31\/functions\/([^/?]+)\/invocations/)?.[1] ?? '')
    return lambda.functions.find(({ name, arn }) => wanted === name || wanted === arn || wanted === `${arn}:$LATEST`)
  }
  return {
    name: 'lambda',
    rights: ({ url }) => {
      if (!url.startsWith('/2015-03-31/functions/')) return undefined
      const found = find(url)
      if (!found) throw new AwsError('ResourceNotFoundException', `Function not found: ${url}`, 404)
      return [{ action: 'lambda:InvokeFunction', resource: found.arn }]
    },
    call: async ({ url, headers, body }) => {
      const { name } = find(url)!
      const payload = body.length > 0 ? body.toString() : '{}'
      const trace = [headers['x-amzn-trace-id']].flat().filter((header) => header !== undefined)
      const type = headers['x-amz-invocation-type'] ?? 'RequestResponse'
      if (type === 'DryRun') return { status: 204, body: '' }
      if (type === 'Event') {
        void lambda.invoke(name, payload, trace).catch(() => undefined)
        return { status: 202, body: '' }
      }
      try {
        const result = await lambda.invoke(name, payload, trace)
        const error = result.functionError && { 'x-amz-function-error': result.functionError }
        return { status: 200, headers: { 'x-amz-executed-version': '$LATEST', ...error }, body: result.payload }
      } catch (error) {
        if (error instanceof RecursiveInvocation) throw new AwsError(error.name, error.message)
        if (error instanceof TooManyRequests) throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429)
        throw error
      }
    },
  }
}
