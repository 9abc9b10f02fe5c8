import { createPublicKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Parts } from '../../infra/local/page/parts.ts'
import { watch } from '../../infra/local/page/watch.ts'
import { parseMerchant } from '../../lib/wechatpay/merchant.ts'
import { createControl } from '../operator/control.ts'
import type { LocalStage } from '../operator/local-stage.ts'
import type { Stage } from './runs.ts'

/** A running stack, and all that its page knows. */
export interface OpenStage extends Stage {
  local: LocalStage
  parts: Partial<Parts>
  /** A further key of WeChat Pay, PEM: what it signs is verified from now on. */
  learn(id: string, pem: string): void
  close(): Promise<void>
}

/** Opens the stack of this process or another: whoever plays a story there sees what its page shows. */
export async function openStage(local: LocalStage): Promise<OpenStage> {
  const { merchant } = parseMerchant(await readFile(local.merchantFile, 'utf8'))
  const { parts, heard, close } = await watch(local.pageUrl)
  while (!heard.isReady && !heard.isEnded) await sleep(10)
  const { mchid } = merchant
  const keys = new Map(merchant.wechatpayKeys)
  const appid = parts.setting?.merchants.find((one) => one.mchid === mchid)?.appid ?? ''
  return {
    local,
    doors: local,
    control: createControl(local.control),
    merchant: { mchid, appid },
    keys,
    parts,
    learn: (id, pem) => void keys.set(id.toUpperCase(), createPublicKey(pem)),
    timeline: (order) => parts[`order ${order.mchid}/${order.out_trade_no}`]?.timeline ?? [],
    now: () => Date.now() + (parts.clock?.aheadMs ?? 0),
    close,
  }
}
