import Table from 'cli-table3'
import { payCodes } from '../../infra/local/wechatpay/pay-codes.ts'
import type { RunningSimulator } from '../../infra/local/wechatpay/running.ts'
import { CHINESE } from '../documents/sandbox.zh-CN.ts'
import { LANGUAGE } from '../language/in-language.ts'
import { padEnd } from '../language/width.ts'
import { npmRun } from '../operator/npm-run.ts'
import { paint } from '../operator/paint.ts'
import { text } from '../texts/sandbox.ts'
import { DIRECT, FILES, PROVIDER, SUB_MERCHANTS } from './identity.ts'

/** A row is one line of text: lines between them would only push the table off the screen. */
const NO_LINES = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' }

const print = (line = '') => console.log(line)

export interface Sandbox {
  running: RunningSimulator
  /** Of the page that shows it all. */
  pageUrl: string
  folder: string
  isNew: boolean
}

/** What one needs to point a client here, on 80 columns. */
export function showSandbox({ running, pageUrl, folder, isNew }: Sandbox) {
  const [main, backup] = running.endpoints
  print()
  print(paint.strong(text.title))
  print()
  show(text.names.main, main)
  show(text.names.backup, backup)
  show(text.names.control, `${running.control}/simulator`)
  show(text.names.page, pageUrl)
  print()
  show(text.names.merchant, `mchid ${DIRECT.mchid}, appid ${DIRECT.appid}`)
  show('', `${folder}/merchant`)
  show(text.names.provider, `sp_mchid ${PROVIDER.mchid}, sp_appid ${PROVIDER.appid}`)
  show('', `${folder}/provider`)
  for (const { sub_mchid, sub_appid } of SUB_MERCHANTS) {
    show('', `sub_mchid ${sub_mchid}${sub_appid === undefined ? '' : `, sub_appid ${sub_appid}`}`)
  }
  show(text.names.keys, isNew ? text.newKeys : text.oldKeys)
  show(text.names.inEach, `${FILES.privateKey}, ${FILES.certificate}, ${FILES.wechatpayKey},`)
  show(text.names.folder, `${FILES.wechatpayKeyId}, ${FILES.platformCertificate}, ${FILES.apiV3Key};`)
  show('', text.forCommands(FILES.secret))
  print()
  print(`  ${text.customers}`)
  print()
  const table = new Table({ style: { head: [], border: [] }, chars: NO_LINES, wordWrap: true, colWidths: [5, 68] })
  for (const [code, { does }] of Object.entries(payCodes).sort(([a], [b]) => Number(a) - Number(b))) {
    table.push([paint.strong(code), LANGUAGE === 'zh-CN' ? CHINESE.customerOf(code, does) : does])
  }
  print(table.toString().replaceAll(/^/gm, '  '))
  print()
  print(`  ${text.tryIt}`)
  print()
  print(`  ${npmRun('doctor', ['--merchant', `${folder}/merchant/${FILES.secret}`])}`)
  print()
  print(`  ${text.staysUp}`)
  print()
}

const show = (name: string, value: string) => print(`  ${paint.quiet(padEnd(name, 13))} ${value}`)
