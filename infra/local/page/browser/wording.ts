import type { CallEntry, Said } from '../parts.ts'
import { h } from './dom.ts'
import { reasonInChinese } from './reasons.zh-CN.ts'
import { language, t, tOr } from './texts.ts'

export type Tone = 'good' | 'bad' | 'wait' | 'plain'

/** ¥0.01 from 1. @param fen */
export const yuan = (fen: number) => `¥${(fen / 100).toFixed(2)}`

/** So long, in one unit. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds <= 0) return t('time.now')
  if (seconds < 120) return t('time.s', { count: seconds })
  if (seconds < 7_200) return t('time.min', { count: Math.round(seconds / 60) })
  if (seconds < 172_800) return t('time.h', { count: Math.round(seconds / 3_600) })
  return t('time.d', { count: Math.round(seconds / 86_400) })
}

const LOCALES = { en: 'en-GB', zh: 'zh-CN' }

/** As WeChat Pay's own times and days are. */
const IN_CHINA = { timeZone: 'Asia/Shanghai', hour12: false } as const

export const clockTime = (ms: number) => new Date(ms).toLocaleTimeString(LOCALES[language.now], IN_CHINA)

export const day = (ms: number) =>
  new Date(ms).toLocaleDateString(LOCALES[language.now], { ...IN_CHINA, dateStyle: 'medium' })

export function dateAndTime(ms: number): string {
  return new Date(ms).toLocaleString(LOCALES[language.now], { ...IN_CHINA, dateStyle: 'medium', timeStyle: 'medium' })
}

export const pill = (text: string, tone: Tone = 'plain') => h('span', { class: `pill ${tone}` }, text)

const TONES: Readonly<Record<string, Tone>> = {
  SUCCESS: 'good',
  REVOKED: 'good',
  REFUNDED: 'good',
  REVERSED: 'good',
  KEPT: 'good',
  CLOSED: 'good',
  NEVER_PAID: 'good',
  PAID: 'good',
  SUCCEEDED: 'good',
  PENDING: 'wait',
  RUNNING: 'wait',
  NOTPAY: 'wait',
  USERPAYING: 'wait',
  NOT_FOUND: 'plain',
  DISAGREES: 'bad',
  FAILED: 'bad',
  TIMED_OUT: 'bad',
  ABORTED: 'bad',
}

/** How a state, an outcome or an error looks. Errors have no tone of their own: they are bad. */
export const toneOf = (name: string): Tone => TONES[name] ?? (/^[A-Z_]+$|^\d+$/.test(name) ? 'plain' : 'bad')

/** What an answer of WeChat Pay means, in a line. */
export function meaningOf({ endpoint, refused, acted, answer }: CallEntry): string {
  const { said, check, why, status } = answer
  if (check === 'lost') return t(acted ? 'means.lost.acted' : 'means.lost.idle')
  if (check === 'unverified' && refused === null) return t('means.unverified', { why: tOr(`why.${why}`, String(why)) })
  if (refused !== null) return t('means.refused', { reason: refused })
  if (endpoint === 'reverse' && status < 300) return t('means.reverse.200')
  if (said === 'USERPAYING' || status < 300 || said === 'ORDER_NOT_EXIST') return tOr(`means.${said}`, '')
  return t(endpoint === 'codepay' ? 'means.codepay.code' : 'means.code')
}

/** What the service says means, in a line. */
export function meaningOfSaid({ outcome, settlement, reason, error, detail }: Said): string {
  if (settlement !== null) return tOr(`settlement.${settlement}`, '')
  if (outcome === 'PENDING') return (language.now === 'zh' && reasonInChinese(reason ?? '')) || (reason ?? '')
  if (outcome !== null) return tOr(`outcome.${outcome}`, '')
  const meaning = error === null ? '' : tOr(`error.${error}`, '')
  return [meaning, reason && tOr(`why.${reason}`, reason), detail].filter(Boolean).join(' · ')
}

/** What was decided, in one word. */
export const saidName = ({ outcome, settlement, error }: Said) => settlement ?? outcome ?? error ?? ''
