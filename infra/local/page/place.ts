import type { LocalStack } from '../stack.ts'
import type { MerchantWithKeys } from '../wechatpay/merchants.ts'
import type { RunningSimulator } from '../wechatpay/running.ts'
import type { Call } from './calls.ts'
import type { AskedEntry } from './parts.ts'
import type { Line } from './said.ts'

/** Everything the page shows and touches: WeChat Pay's stand-in, and the service where there is one. */
export interface Place {
  running: RunningSimulator
  /** The first makes the page's orders. */
  merchants: readonly [MerchantWithKeys, ...MerchantWithKeys[]]
  stack: LocalStack | undefined
  calls: readonly Call[]
  lines: () => readonly Line[]
  /** What the page itself asked of the service, and the orders WeChat Pay never hears of. */
  asked: Asked[]
}

export interface Asked {
  atMs: number
  mchid: string
  sub_mchid: string | null
  out_trade_no: string
  /** Null: nothing asked yet, the number is only remembered. */
  entry: AskedEntry | null
}
