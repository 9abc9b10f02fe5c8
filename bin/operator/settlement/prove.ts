import { BillRefused } from '../../../lib/wechatpay/bill-refused.ts'
import type { WechatPayKeys } from '../../../lib/wechatpay/merchant.ts'
import { text } from '../../texts/verify.ts'
import { type JudgedClaim, type JudgedPage, judgePage, judgeReversed, judgeSettlement } from './judge-books.ts'
import { type KeptBooks, type KeptSettlement, nameOf, type Reversed } from './kept.ts'
import { hashBills, readSavedBill } from './saved-bills.ts'
import { billTroubleInWords } from './words.ts'

export interface Proof {
  pages: readonly JudgedPage[]
  settlements: readonly { settlement: KeptSettlement; judged: JudgedClaim }[]
  reversed: { list: Reversed; judged: JudgedClaim } | undefined
  /** Files that are none of the bills. */
  strays: readonly { path: string; sha1: string }[]
}

/**
 * What of kept books is proved: by the signatures over the hashes of bills, and by the bills that were saved.
 *
 * @throws Failure when a file cannot be read
 */
export async function prove(books: KeptBooks, keys: WechatPayKeys, files: readonly string[]): Promise<Proof> {
  const paths = await hashBills(files)
  const orders = new Set([...books.settlements, ...(books.reversed?.orders ?? [])].map((one) => one.out_trade_no))
  const pages = new Map<string, JudgedPage>()
  for (const kept of books.pages) {
    const page = judgePage(kept, keys)
    const path = page.sha1 === undefined ? undefined : paths.get(page.sha1)
    const isReadable = page.trouble === undefined && path !== undefined
    pages.set(nameOf(kept), isReadable ? await withBill(page, path, books.mchid, orders) : page)
  }
  const signed = new Set([...pages.values()].map(({ sha1 }) => sha1))
  return {
    pages: [...pages.values()],
    settlements: books.settlements.map((settlement) => ({ settlement, judged: judgeSettlement(settlement, pages) })),
    reversed: books.reversed && { list: books.reversed, judged: judgeReversed(books.reversed, pages) },
    strays: [...paths].filter(([sha1]) => !signed.has(sha1)).map(([sha1, path]) => ({ path, sha1 })),
  }
}

async function withBill(
  page: JudgedPage,
  path: string,
  mchid: string,
  orders: ReadonlySet<string>,
): Promise<JudgedPage> {
  try {
    return { ...page, bill: await readSavedBill(path, { mchid, date: page.bill_date }, orders) }
  } catch (error) {
    if (error instanceof BillRefused)
      return { ...page, trouble: text.books.ofFile(path, billTroubleInWords(`${error.reason}: ${error.message}`)) }
    throw error
  }
}
