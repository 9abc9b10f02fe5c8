// Loaded before aws-lambda-ric in every environment (`node --import`). The client's native addon does three HTTP calls to
// the Runtime API and takes minutes and a compiler to build; these are the same three calls. Plain JavaScript, because
// stripping types would add to every cold start.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
import { Agent, request } from 'node:http'
import { registerHooks } from 'node:module'

registerHooks({
  resolve: (specifier, context, nextResolve) =>
    specifier === './rapid-client.node'
      ? { url: import.meta.url, format: 'module', shortCircuit: true }
      : nextResolve(specifier, context),
})

const invocation = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

const call = (method, path, headers = {}, body = '') =>
  new Promise((resolve, reject) => {
    request(`${invocation}${path}`, { method, headers, agent }, (response) => {
      let bodyJson = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        bodyJson += chunk
      })
      response.on('end', () => resolve({ bodyJson, headers: response.headers }))
      response.on('error', reject)
    })
      .on('error', reject)
      .end(body)
  })

// The addon's `done` and `error` block until the answer is taken; here the next call waits for it instead.
let posted = Promise.resolve()
function post(requestId, path, bodyJson) {
  posted = call('POST', `/${requestId}/${path}`, { 'content-type': 'application/json' }, bodyJson)
}

/** The next invocation, as soon as there is one. */
export async function next() {
  await posted
  return call('GET', '/next')
}
export const done = (requestId, bodyJson) => post(requestId, 'response', bodyJson)
export const error = (requestId, bodyJson) => post(requestId, 'error', bodyJson)
