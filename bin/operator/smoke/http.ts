import { AwsClient } from 'aws4fetch'
import { queryTarget, reverseTarget } from '../../../lib/wechatpay/order-id.ts'
import { type Checklist, type Finding, failed, ok } from '../checks/checklist.ts'
import { judge, type Said, type SmokeMerchant, smokeOrder } from './order.ts'
import { text } from './text.ts'

export interface Signer {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
  region: string
}

const AT = 'HTTP'

/** An HTTP API ends at 30 s by itself. */
const ANSWER_MS = 35_000

interface Answer {
  status: number
  body: Said & { title?: string; message?: string }
}

/** The HTTP way in: who is not signed in stays out, an unknown order ends as NOT_FOUND, and its state is "none". */
export async function smokeHttp(list: Checklist, api: string, signer: Signer, merchant: SmokeMerchant) {
  // A failed call is what is to be seen: nothing is repeated.
  const aws = new AwsClient({ ...signer, service: 'execute-api', retries: 0 })
  const order = smokeOrder(merchant)
  const { out_trade_no: _, ...fields } = order
  const base = api.replace(/\/+$/, '')
  const [reverseUrl, stateUrl] = [base + reverseTarget(order), base + queryTarget(order)]
  const post = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(fields) }
  const init = () => ({ signal: AbortSignal.timeout(ANSWER_MS) })

  await list.make(AT, text.checks.unsigned, () =>
    heard(fetch(reverseUrl, { ...post, ...init() }), ({ status }) => {
      if (status === 401 || status === 403) return ok(text.refused(status))
      return failed(text.letIn(status), text.seeAuthorizer)
    }),
  )
  await list.make(AT, text.checks.reverse, () =>
    heard(aws.fetch(reverseUrl, { ...post, ...init() }), ({ status, body }) => {
      if (status === 403 && body.title === undefined) return notLetIn(body)
      return judge({ ...body, error: body.title ?? text.answered(status, String(body.message)) }, `HTTP ${status}`)
    }),
  )
  await list.make(AT, text.checks.state, () =>
    heard(aws.fetch(stateUrl, init()), ({ status, body }) => {
      if (status === 404 && body.title === 'OrderNotFound') return ok(text.seen('OrderNotFound', 'HTTP 404'))
      return judge({ ...body, error: body.title ?? text.answered(status, String(body.message)) }, `HTTP ${status}`)
    }),
  )
}

const notLetIn = ({ message }: Answer['body']) => failed(text.answered(403, String(message)), text.signIn)

async function heard(asked: Promise<Response>, judged: (answer: Answer) => Finding): Promise<Finding> {
  try {
    const response = await asked
    return judged({ status: response.status, body: parse(await response.text()) })
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string } }
    return failed(text.noAnswer(cause?.code ?? message), text.seeAddress)
  }
}

function parse(body: string): Answer['body'] {
  try {
    return JSON.parse(body) as Answer['body']
  } catch {
    return { message: body.slice(0, 200) }
  }
}
