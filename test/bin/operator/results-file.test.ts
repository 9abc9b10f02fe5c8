import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Failure } from '../../../bin/operator/failure.ts'
import { readResults } from '../../../bin/operator/settlement/results-file.ts'
import { file } from '../run-command.ts'

const MCHID = '1900000109'
const good = {
  ...{ mchid: MCHID, appid: 'wx1', out_trade_no: 'A', outcome: 'REVERSED', trade_state: 'REVOKED', refunded: null },
  ...{ attempted_at: '2026-11-27T12:00:00+08:00', confirmed_at: '2026-11-27T12:05:00+08:00', request_id: '08-0' },
  evidence: [{ body: 'oSECRET' }],
}
const { mchid: _, appid: __, ...names } = good
const partners = { ...names, sp_mchid: MCHID, sub_mchid: '1900000110' }
const event = (detail: object) => ({ source: 'wechatpay.reversal', 'detail-type': 'Reversal Completed', detail })

const written = (line: unknown) => (typeof line === 'string' ? line : JSON.stringify(line))
let files = 0
function read(...lines: unknown[]) {
  files += 1
  return readResults(file(`results-${files}.jsonl`, lines.map(written).join('\r\n')), MCHID)
}

describe('a list of results', () => {
  const LISTS: [what: string, lines: unknown[], numbers: number[]][] = [
    ['one a line', [good, { ...good, outcome: 'KEPT' }], [1, 2]],
    ['with empty lines, which count', ['', good, '  ', good, ''], [2, 4]],
    ['with a byte order mark', [`\uFEFF${written(good)}`, good], [1, 2]],
    ['a service provider’s', [partners], [1]],
    ['in events', [event(good), event(partners), { detail: good }], [1, 2, 3]],
    ['in one JSON document', [JSON.stringify(good, null, 2)], [1]],
    ['in a list as JSON', [JSON.stringify([good, good], null, 2)], [1, 2]],
    ['empty', [], []],
  ]
  for (const [what, lines, numbers] of LISTS) {
    test(`${what} is read, without its evidence`, async () => {
      const results = await read(...lines)
      assert.deepEqual(
        results.map(({ line }) => line),
        numbers,
      )
      assert.ok(!JSON.stringify(results).includes('oSECRET'))
    })
  }

  const without = (name: string) => Object.fromEntries(Object.entries(good).filter(([field]) => field !== name))
  const WRONG: [what: string, line: unknown, says: RegExp][] = [
    ['no JSON', '{"mchid":', /is not JSON/],
    ['a list', '[1]', /must be a JSON object/],
    ['null', 'null', /must be a JSON object/],
    ['no mchid', without('mchid'), /mchid: is missing/],
    ['no attempted_at', without('attempted_at'), /attempted_at: is missing/],
    ['no confirmed_at', without('confirmed_at'), /confirmed_at: is missing/],
    ['no outcome', without('outcome'), /outcome: is missing/],
    ['a number that is none', { ...good, out_trade_no: 'A B' }, /out_trade_no: must be 1 to 32/],
    ['an unknown field', { ...good, total: 1 }, /total: unknown field/],
    ['a settlement', { ...good, settlement: 'NEVER_PAID' }, /settlement: unknown field/],
    ['a time that is none', { ...good, attempted_at: 'noon' }, /attempted_at: must be an RFC 3339 time/],
    ['an outcome nobody knows', { ...good, outcome: 'DONE' }, /outcome: must be one of REFUNDED, REVERSED/],
    ['what is pending', { ...good, outcome: 'PENDING' }, /outcome: PENDING is not how it ended/],
    [
      'a refusal',
      { mchid: MCHID, out_trade_no: 'A', error: 'InvalidOrder', detail: 'appid: is missing' },
      /error: it is a refusal, not a result/,
    ],
    ['a refusal in an event', event({ mchid: MCHID, error: 'ReversalExpired' }), /error: it is a refusal/],
    ['another merchant’s', { ...good, mchid: '1900000001' }, /mchid: is 1900000001, and --merchant is 1900000109/],
    ['another provider’s', { ...partners, sp_mchid: '1900000001' }, /sp_mchid: is 1900000001, and --merchant is/],
    ['another merchant’s, in an event', event({ ...good, mchid: '1900000001' }), /mchid: is 1900000001/],
  ]
  for (const [what, line, says] of WRONG) {
    test(`with ${what} is refused, and names the line and the field`, async () => {
      await assert.rejects(read(good, line, good), (error: Failure) => {
        assert.ok(error instanceof Failure)
        assert.match(error.message, RegExp(`, line 2: ${says.source}`))
        return true
      })
    })
  }

  test('of something else is refused in a few lines', async () => {
    await assert.rejects(
      read(...Array.from({ length: 1000 }, () => 'no')),
      /line 5: is not JSON\n {2}and 995 more lines$/,
    )
  })
})
