import Table from 'cli-table3'
import { payCodes } from '../../infra/local/wechatpay/pay-codes.ts'
import type { RunningSimulator } from '../../infra/local/wechatpay/running.ts'
import { npmRun } from '../operator/npm-run.ts'
import { paint } from '../operator/paint.ts'
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
  print(paint.strong("WeChat Pay's stand-in: every call signed and checked, no money moved"))
  print()
  show('Main domain', main)
  show('Backup domain', backup)
  show('Control', `${running.control}/simulator`)
  show('Page', pageUrl)
  print()
  show('Merchant', `mchid ${DIRECT.mchid}, appid ${DIRECT.appid}`)
  show('', `${folder}/merchant`)
  show('Provider', `sp_mchid ${PROVIDER.mchid}, sp_appid ${PROVIDER.appid}`)
  show('', `${folder}/provider`)
  for (const { sub_mchid, sub_appid } of SUB_MERCHANTS) {
    show('', `sub_mchid ${sub_mchid}${sub_appid === undefined ? '' : `, sub_appid ${sub_appid}`}`)
  }
  show('Keys', isNew ? 'new' : 'those of the last start')
  show('In each', `${FILES.privateKey}, ${FILES.certificate}, ${FILES.wechatpayKey},`)
  show('folder', `${FILES.wechatpayKeyId}, ${FILES.platformCertificate}, ${FILES.apiV3Key};`)
  show('', `${FILES.secret}: for our commands`)
  print()
  print('  The last two digits of auth_code (18 digits, from 10 to 15) are the customer:')
  print()
  const table = new Table({ style: { head: [], border: [] }, chars: NO_LINES, wordWrap: true, colWidths: [5, 68] })
  for (const [code, { does }] of Object.entries(payCodes).sort(([a], [b]) => Number(a) - Number(b))) {
    table.push([paint.strong(code), does])
  }
  print(table.toString().replaceAll(/^/gm, '  '))
  print()
  print('  Try it, in another terminal; docs/sandbox.md has a client in 30 lines:')
  print()
  print(`  ${npmRun('doctor', ['--merchant', `${folder}/merchant/${FILES.secret}`])}`)
  print()
  print('  It stays up until Ctrl-C. What it is asked from now on:')
  print()
}

const show = (name: string, value: string) => print(`  ${paint.quiet(name.padEnd(13))} ${value}`)
