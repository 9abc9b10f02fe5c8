import type { LogLine } from '../../infra/local/wechatpay/simulator.ts'
import { inLanguage } from '../language/in-language.ts'
import { padEnd } from '../language/width.ts'
import { paint } from './paint.ts'

const text = inLanguage({
  en: { backup: ' (backup)', refused: 'refused' },
  'zh-CN': { backup: '（备域名）', refused: '已拒绝' },
})

/** One request in a line; why one was refused stands below it. */
export function showRequest({ at, host, endpoint, out_trade_no, status, fault, refused }: LogLine) {
  const time = paint.quiet(new Date(at).toTimeString().slice(0, 8))
  const where = host === 'backup' ? text.backup : ''
  const colour = status < 300 ? paint.ok : paint.warning
  const what = `${padEnd(endpoint ?? text.refused, 12)} ${colour(String(status))} ${out_trade_no ?? ''}${where}`
  console.log(`  ${time}  ${what}${fault === null ? '' : `  ${paint.warning(fault)}`}`)
  if (refused !== null) console.log(`            ${paint.warning('→')} ${refused.slice(0, 66)}`)
}
