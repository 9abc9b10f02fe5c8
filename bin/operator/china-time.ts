import { isBillDate } from '../../lib/wechatpay/bill-date.ts'
import { inLanguage } from '../language/in-language.ts'

const unit = inLanguage({
  en: { days: 'd', hours: 'h', minutes: 'min', seconds: 's' },
  'zh-CN': { days: '天', hours: '小时', minutes: '分钟', seconds: '秒' },
})

/** China's time: UTC+8 all year. */
const CHINA_MS = 8 * 3_600_000
const SECOND_MS = 1_000
const DAY_MS = 86_400_000

const UNITS_MS: Readonly<Record<string, number>> = {
  s: SECOND_MS,
  min: 60 * SECOND_MS,
  m: 60 * SECOND_MS,
  h: 3_600 * SECOND_MS,
  d: DAY_MS,
}

const DAYS: Readonly<Record<string, number>> = { today: 0, tomorrow: 1, 今天: 0, 明天: 1, 后天: 2 }

/** `2026-12-05 10:15:00`, in China. */
export const inChina = (ms: number): string => new Date(ms + CHINA_MS).toISOString().slice(0, 19).replace('T', ' ')

/** `7d`, `12h`, `1d12h`, `90s`, `15min` in ms; undefined when it is no such thing. */
export function readDuration(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+)\s*(min|[smhd])\s*/gy)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return undefined
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS_MS[unit!]!, 0)
}

/**
 * A moment in China: `tomorrow 10:15`, `2026-12-05 10:15`, or `10:15`, the next one. In ms since 1970; undefined when it is no
 * such thing.
 */
export function readMoment(text: string, nowMs: number): number | undefined {
  const [, day, hours, minutes, seconds = '00'] = /^(?:(\S+)[ T])?(\d\d?):(\d\d)(?::(\d\d))?$/.exec(text) ?? []
  if (hours === undefined) return undefined
  const timeOn = (date: string) => Date.parse(`${date}T${hours.padStart(2, '0')}:${minutes}:${seconds}+08:00`)
  const dateIn = (days: number) => inChina(nowMs + days * DAY_MS).slice(0, 10)
  const moment = (() => {
    if (day === undefined) {
      const today = timeOn(dateIn(0))
      return today > nowMs ? today : timeOn(dateIn(1))
    }
    if (Object.hasOwn(DAYS, day)) return timeOn(dateIn(DAYS[day]!))
    return isBillDate(day) ? timeOn(day) : Number.NaN
  })()
  return Number.isNaN(moment) ? undefined : moment
}

/** `7 d`, `11 h 45 min`, `3 s`: its two largest units. */
export function inUnits(ms: number): string {
  let left = Math.round(ms / SECOND_MS)
  const units = [
    [86_400, unit.days],
    [3_600, unit.hours],
    [60, unit.minutes],
    [1, unit.seconds],
  ] as const
  const parts = units.flatMap(([size, name], index) => {
    const count = Math.floor(left / size)
    left -= count * size
    return count > 0 ? [{ index, words: `${count} ${name}` }] : []
  })
  const first = parts[0]?.index ?? 0
  return (
    parts
      .filter(({ index }) => index <= first + 1)
      .map(({ words }) => words)
      .join(' ') || `0 ${unit.seconds}`
  )
}
