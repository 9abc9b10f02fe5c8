// Reading a day's bill: inflated, hashed, and every row looked at for some orders.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createGunzip, gunzipSync } from 'node:zlib'
import { createBillReader } from '../../../lib/wechatpay/bill-reader.ts'
import { BILL_DATE, BILL_MCHID, orderOfRow } from '../bill-file.ts'

interface Read {
  sha1: string
  found: number
}

type ReadBill = (file: string, wanted: ReadonlySet<string>) => Promise<Read>

const CHUNK_BYTES = 64 * 1024

const inflated = (file: string): AsyncIterable<Buffer> =>
  pipeline(createReadStream(file), createGunzip({ chunkSize: CHUNK_BYTES }), () => {})

const READERS: Record<string, () => Promise<ReadBill>> = {
  /** Inflates and hashes, and looks at nothing. */
  async floor() {
    return async (file, wanted) => {
      const hash = createHash('sha1')
      for await (const chunk of inflated(file)) hash.update(chunk)
      return { sha1: hash.digest('hex'), found: wanted.size }
    }
  },
  async ours() {
    return async (file, wanted) => {
      const hash = createHash('sha1')
      let found = 0
      const reader = createBillReader({
        mchid: BILL_MCHID,
        date: BILL_DATE,
        wants: (out_trade_no) => wanted.has(out_trade_no),
        found: () => {
          found += 1
        },
      })
      for await (const chunk of inflated(file)) {
        hash.update(chunk)
        reader.write(chunk)
      }
      reader.end()
      return { sha1: hash.digest('hex'), found }
    }
  },
  /** As its documents show: the whole file at once, and an object for every row. */
  async 'wechatpay-axios-plugin'() {
    const { Formatter } = await import('wechatpay-axios-plugin')
    return async (file, wanted) => {
      const bytes = gunzipSync(await readFile(file))
      const sha1 = createHash('sha1').update(bytes).digest('hex')
      const { rows } = Formatter.castCsvBill(bytes) as { rows: Record<string, string>[] }
      return { sha1, found: rows.filter((row) => wanted.has(row.商户订单号!)).length }
    }
  },
}

/** One reading of the bill that the environment names, and a look that it was read. */
export async function createWork(name: string): Promise<() => Promise<void>> {
  const { BENCH_BILL: file = '', BENCH_BILL_SHA1: sha1, BENCH_BILL_ROWS: rows } = process.env
  const wanted = new Set(
    Array.from({ length: 100 }, (_, index) => orderOfRow(Math.floor((Number(rows) / 100) * index))),
  )
  const read = await READERS[name]!()
  return async () => {
    const got = await read(file, wanted)
    if (got.sha1 !== sha1 || got.found !== wanted.size) throw new Error(`${name}: ${JSON.stringify(got)}`)
  }
}
