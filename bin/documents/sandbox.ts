import { routes } from '../../infra/local/wechatpay/control-routes.ts'
import { ERROR_CODES } from '../../infra/local/wechatpay/error-codes.ts'
import { faults } from '../../infra/local/wechatpay/faults.ts'
import { type OrderEvent, TRANSITIONS, type TradeState } from '../../infra/local/wechatpay/order.ts'
import { type PayCode, payCodes } from '../../infra/local/wechatpay/pay-codes.ts'
import { replacePart } from './parts.ts'

/** The words of one language for what is drawn from the simulator. Each must have one for every name. */
export interface SandboxWords {
  ending: string
  customer: string
  codepay: string
  broken: string
  state: string
  becomes: string
  fault: string
  arrives: string
  effect: string
  done: string
  undone: string
  call: string
  does: string
  customerOf: (code: string, does: string) => string
  faultOf: (does: string) => string
  routeOf: (call: string, does: string) => string
}

export const ENGLISH: SandboxWords = {
  ending: '`auth_code` ends in',
  customer: 'the customer',
  codepay: 'codepay answers',
  broken: 'nothing: the connection breaks',
  state: '`trade_state`',
  becomes: 'what can happen → what it is then',
  fault: 'fault',
  arrives: 'what arrives',
  effect: 'was it done?',
  done: 'yes',
  undone: 'no',
  call: 'call',
  does: 'does',
  customerOf: (_, does) => does,
  faultOf: (does) => does,
  routeOf: (_, does) => does,
}

/** A document about the sandbox with everything in it that the code tells. */
export function drawSandbox(text: string, words: SandboxWords): string {
  const parts = {
    'pay-codes': payCodeTable(words),
    states: stateTable(words),
    faults: faultTable(words),
    'fault-codes': codeFaults(),
    control: controlTable(words),
  }
  return Object.entries(parts).reduce((drawn, [name, content]) => replacePart(drawn, name, content), text)
}

const code = (text: string) => `\`${text}\``

const table = (...rows: string[][]) =>
  rows
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .toSpliced(1, 0, `|${'---|'.repeat(rows[0]!.length)}`)
    .join('\n')

const payCodeTable = (words: SandboxWords) =>
  table(
    [words.ending, words.customer, words.codepay],
    ...Object.entries(payCodes)
      .sort(([a], [b]) => Number(a) - Number(b))
      .map(([ending, payCode]) => [
        code(ending),
        words.customerOf(ending, payCode.does),
        payCode.fault === undefined ? answerOf(payCode) : words.broken,
      ]),
  )

/** What codepay says at once. */
function answerOf({ answer, events }: PayCode): string {
  if (answer !== undefined) return code(`${ERROR_CODES[answer].status} ${answer}`)
  const state = events
    .filter(({ afterMs }) => afterMs === 0)
    .reduce<TradeState>((before, { event }) => TRANSITIONS[before][event] ?? before, 'NOTPAY')
  return code(`${state === 'SUCCESS' || state === 'PAYERROR' ? 200 : 202} ${state}`)
}

const stateTable = (words: SandboxWords) =>
  table(
    [words.state, words.becomes],
    ...Object.entries(TRANSITIONS).map(([state, events]) => [
      code(state),
      (Object.entries(events) as [OrderEvent, TradeState][])
        .map(([event, next]) => `${code(event)} → ${code(next)}`)
        .join(', ') || '–',
    ]),
  )

/** A business error by its name: they are alike, and listed apart. */
const isOfCode = (name: string) =>
  Object.keys(ERROR_CODES).some((one) => name.replace(/-after-effect$/, '') === faultNameOf(one))

const faultNameOf = (errorCode: string) => errorCode.toLowerCase().replaceAll('_', '-')

const faultTable = (words: SandboxWords) =>
  table(
    [words.fault, words.arrives, words.effect],
    ...Object.entries(faults)
      .filter(([name]) => !isOfCode(name) || name === 'sign-error')
      .map(([name, { does, effect }]) => [code(name), words.faultOf(does), effect ? words.done : words.undone]),
  )

const codeFaults = () =>
  Object.keys(ERROR_CODES)
    .map(faultNameOf)
    .filter((name) => name in faults && `${name}-after-effect` in faults)
    .map(code)
    .join(', ')

/** Braces and stars are no Markdown here. */
const plain = (text: string) => text.replace(/\{[^}]*\}/g, (fields) => code(fields))

const controlTable = (words: SandboxWords) =>
  table(
    [words.call, words.does],
    ...routes.map(({ method, path, does }) => {
      const call = `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`
      return [code(call), plain(words.routeOf(`${method} ${path}`, does))]
    }),
  )
