import type { ReversalEvent } from '../../lib/reversal/events.ts'
import type { WireEvent } from '../../lib/wechatpay/client.ts'
import { inLanguage, LANGUAGE } from '../language/in-language.ts'
import { paint, tell } from './paint.ts'
import { WIRE_REASONS_IN_CHINESE } from './wire-reasons.zh-CN.ts'

const text = inLanguage({
  en: {
    noAnswer: (endpoint: string, why: string) => `no answer from ${endpoint} (${why})`,
    unverified: (endpoint: string, why: string, said: string) =>
      `an answer from ${endpoint} does not verify (${why}): ${said}`,
    failOver: (from: string, to: string) => `asking ${to} in place of ${from}`,
    unknownState: (said: string) => `a state or code this version does not know: ${said}`,
    queryRefused: (said: string) => `the query was refused: ${said}`,
    reverseRefused: (said: string) => `the reverse was refused: ${said}`,
    historyIgnored: (serial: string) => `the history's proof of payment does not verify (key ${serial}) and is ignored`,
  },
  'zh-CN': {
    noAnswer: (endpoint, why) => `${endpoint} 没有应答（${why}）`,
    unverified: (endpoint, why, said) => `${endpoint} 的应答验签不通过（${why}）：${said}`,
    failOver: (from, to) => `改问 ${to}，不再问 ${from}`,
    unknownState: (said) => `本版本不认识的状态或错误码：${said}`,
    queryRefused: (said) => `查单被拒绝：${said}`,
    reverseRefused: (said) => `撤销被拒绝：${said}`,
    historyIgnored: (serial) => `history 中的付款证据验签不通过（密钥 ${serial}），不予采信`,
  },
})

/** Tells a person what happened on the way, in a quiet line each. */
export function tellEvent(event: WireEvent | ReversalEvent) {
  const words = wordsFor(event)
  if (words !== undefined) tell(paint.quiet(`  ${words}`, process.stderr))
}

function wordsFor(event: WireEvent | ReversalEvent): string | undefined {
  switch (event.name) {
    case 'NoAnswer':
      return text.noAnswer(event.endpoint, event.cause ?? reasonOf(event))
    case 'UnverifiedAnswer':
      return text.unverified(event.endpoint, [reasonOf(event), event.serial].filter(Boolean).join(' '), said(event))
    case 'FailOver':
      return text.failOver(event.from, event.to)
    case 'UnknownState':
      return text.unknownState([event.trade_state, said(event)].filter(Boolean).join(', '))
    case 'QueryRefused':
      return text.queryRefused(said(event))
    case 'ReverseRefused':
      return text.reverseRefused(said(event))
    case 'PaidHistoryIgnored':
      return text.historyIgnored(event.serial)
    default:
      return undefined
  }
}

type Unproved = Extract<WireEvent, { name: 'NoAnswer' | 'UnverifiedAnswer' }>

const reasonOf = ({ reason }: Unproved) => (LANGUAGE === 'zh-CN' ? WIRE_REASONS_IN_CHINESE[reason] : reason)

interface Answered {
  status: number
  code?: string | undefined
  message?: string | undefined
  request_id?: string | undefined
}

/** The answer's own words. */
const said = ({ status, code, message, request_id }: Answered) =>
  [`HTTP ${status}`, code, message, request_id && `(Request-ID ${request_id})`].filter(Boolean).join(' ')
