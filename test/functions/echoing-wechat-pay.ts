import { openRawServer, type RawRequest } from '../lib/wechatpay/raw-server.ts'
import {
  type Answer,
  type Headers,
  messageOf,
  type Parts,
  signedAnswer,
  unsignedAnswer,
} from '../lib/wechatpay/signed-answer.ts'

/** What is echoed of a request, each way under its name: all of them hold the signature we made. */
export const ECHOES: Record<string, (authorization: string, signature: string, request: RawRequest) => string> = {
  signature: (_, signature) => signature,
  header: (authorization) => authorization,
  request: (_, __, { method, target, headers, body }) =>
    JSON.stringify({ method, target, headers, body: body.toString() }),
  url: (authorization) => encodeURIComponent(authorization),
  base64: (authorization) => Buffer.from(authorization).toString('base64'),
  pieces: (_, signature) => signature.match(/.{1,60}/g)!.join(' '),
}

interface Said {
  origin: string
  echo: string
  mchid: string
  out_trade_no: string
  isQuery: boolean
  isReversed: boolean
}

const state = (trade_state: string, { mchid, out_trade_no }: Said, more: object = {}) =>
  JSON.stringify({ mchid, out_trade_no, trade_state, ...more })
const error = (code: string, { echo }: Said) =>
  JSON.stringify({
    code,
    message: `${code} ${echo}`,
    detail: { issue: echo, [echo]: 1, sign_information: { truncated: [echo] } },
  })
const requestId =
  (value: string) =>
  (all: Headers): Headers => [
    ...all.map(([name, old]): [string, string] => [name, name === 'Request-ID' ? value : old]),
    ['X-Echo', value],
  ]
const signed = (parts: Parts, { echo }: Said) => signedAnswer({ headers: requestId(echo), ...parts })
function unsigned(parts: Parts, { echo }: Said): Answer {
  const answer = unsignedAnswer(parts)
  return { ...answer, headers: requestId(echo)(answer.headers) }
}
const paidThenReversed = (said: Said, more: object = {}) =>
  said.isQuery ? state(said.isReversed ? 'REVOKED' : 'SUCCESS', said, more) : state('', said)

/** Where the echo stands, and what the answer is otherwise. */
export const PLACES: Record<string, (said: Said) => Answer> = {
  RequestId: (said) => signed({ body: paidThenReversed(said) }, said),
  Attach: (said) => signed({ body: paidThenReversed(said, { attach: said.echo }) }, said),
  State: (said) => signed({ body: said.isQuery ? state(said.echo, said) : state('', said) }, said),
  RefusedForGood: (said) =>
    said.isQuery
      ? signed({ body: state('NOTPAY', said) }, said)
      : signed({ status: 400, body: error('PARAM_ERROR', said) }, said),
  RefusedForNow: (said) =>
    said.isQuery
      ? signed({ body: state('NOTPAY', said) }, said)
      : signed({ status: 403, body: error('TRADE_ERROR', said) }, said),
  UnknownCode: (said) => signed({ status: 403, body: JSON.stringify({ code: said.echo, message: said.echo }) }, said),
  Elsewhere: (said) => signed({ body: state('REFUND', said) }, said),
  NotExist: (said) => signed({ status: 404, body: error('ORDER_NOT_EXIST', said) }, said),
  SignError: (said) => unsigned({ status: 401, body: error('SIGN_ERROR', said) }, said),
  SignErrorSigned: (said) => signed({ status: 401, body: error('SIGN_ERROR', said) }, said),
  Serial: (said) => signed({ body: paidThenReversed(said), serial: said.echo.slice(0, 3_000) }, said),
  Nonce: (said) => signed({ body: paidThenReversed(said), nonce: said.echo }, said),
  Signature: (said) =>
    signed(
      {
        body: paidThenReversed(said),
        headers: (all) => all.map(([name, value]) => [name, name === 'Wechatpay-Signature' ? said.echo : value]),
      },
      said,
    ),
  Page: (said) => unsigned({ status: 502, body: `<html><pre>${said.echo}</pre></html>` }, said),
  Redirect: (said) => {
    const answer = unsigned({ status: 302, body: '' }, said)
    return { ...answer, headers: [...answer.headers, ['Location', `http://127.0.0.1:9/?${said.echo}`]] }
  },
  NotHttp: (said) => ({ status: 200, headers: [[said.echo, said.echo]], body: Buffer.alloc(0) }),
}

/** Where the echo stands around a bill: in the signed answer, in the address of its file, in the answer to that. */
const BILL_PLACES: typeof PLACES = {
  Hash: (said) => signed({ body: billAnswer(said, { hash_value: said.echo }) }, said),
  Address: (said) => signed({ body: billAnswer(said, { download_url: `https://example.com/${said.echo}` }) }, said),
  File: (said) => signed({ body: billAnswer(said) }, said),
}
const billAnswer = ({ origin, out_trade_no }: Said, more: object = {}) =>
  JSON.stringify({
    hash_type: 'SHA1',
    hash_value: '0'.repeat(40),
    download_url: `${origin}/v3/billdownload/file?token=${out_trade_no}`,
    ...more,
  })

/** One order for each place around a bill. */
export const billOrders = (echo: string) => Object.keys(BILL_PLACES).map((place) => orderNumber(place, echo))

/** The order number that asks for an echo at a place. */
export const orderNumber = (place: string, echo: string) => `${place}_${echo}`

/** A WeChat Pay that gives back what we signed, wherever it can. @param billOf the order number to answer for on a bill's day */
export async function openEchoingWechatPay(billOf: (date: string) => string) {
  const reversed = new Set<string>()
  const signatures: string[] = []
  const server = await openRawServer((request, socket) => {
    const [, order, date, token] = /out-trade-no\/([\w*-]+)|bill_date=([\d-]+)|token=(\w+)/.exec(request.target)!
    const number = order ?? token ?? billOf(date!)
    const [place = '', echo = ''] = number.split('_')
    const authorization = request.headers.authorization!
    const signature = /signature="([^"]+)"/.exec(authorization)![1]!
    signatures.push(signature)
    const said = {
      origin: `http://${request.headers.host}`,
      echo: ECHOES[echo]!(authorization, signature, request).replaceAll(/[\r\n]/g, ' '),
      mchid: /mchid="([^"]+)"/.exec(authorization)![1]!,
      out_trade_no: number,
      isQuery: request.method === 'GET' && order !== undefined,
      isReversed: reversed.has(number),
    }
    if (request.method === 'POST') reversed.add(number)
    const answer = token === undefined ? { ...PLACES, ...BILL_PLACES }[place]! : PLACES.SignError!
    socket.write(messageOf(answer(said)))
  })
  return {
    ...server,
    /** Every signature we made so far. */
    signatures,
    forget: () => reversed.clear(),
  }
}
