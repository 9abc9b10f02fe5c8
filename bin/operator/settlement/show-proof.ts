import { printFields } from '../keep.ts'
import { paint } from '../paint.ts'
import { counted, inOneLine } from '../table.ts'
import type { JudgedClaim, JudgedPage } from './judge-books.ts'
import type { Proof } from './prove.ts'

/** `open`: nothing speaks against it, and the bill that proves it was not given. */
export type ProofState = 'proved' | 'open' | 'not proved'

const claimsOf = ({ settlements, reversed }: Proof): JudgedClaim[] => [
  ...settlements.map(({ judged }) => judged),
  ...(reversed === undefined ? [] : [reversed.judged]),
]

export function stateOf(proof: Proof): ProofState {
  const claims = claimsOf(proof)
  const isTrouble = [...proof.pages, ...claims].some(({ trouble }) => trouble !== undefined)
  if (isTrouble || proof.strays.length > 0) return 'not proved'
  return claims.some(({ open }) => open.length > 0) ? 'open' : 'proved'
}

const iso = (date: Date) => (Number.isNaN(date.getTime()) ? undefined : date.toISOString())

/** What was proved and what was not, for a person. */
export function showProof(proof: Proof) {
  for (const page of proof.pages) showPage(page)
  for (const { path, sha1 } of proof.strays) {
    console.log(paint.failed(`✘ ${path} is none of these bills: its SHA-1 is ${sha1}`))
  }
  for (const { settlement, judged } of proof.settlements) {
    const { out_trade_no, outcome, settlement: name } = settlement
    showClaim(inOneLine(`${out_trade_no}: told ${outcome}, settled ${name}`), judged)
  }
  if (proof.reversed !== undefined) {
    const { list, judged } = proof.reversed
    showClaim(`${counted(list.orders.length, 'reversed order')} of ${list.bill_date}, and no other`, judged)
  }
  showEnd(proof)
}

function showPage({ bill_date, answer, signedAt, sha1, bill, trouble }: JudgedPage) {
  const which = `bill of ${bill_date}`
  console.log(trouble === undefined ? paint.ok(`✔ ${which}`) : paint.failed(inOneLine(`✘ ${which}: ${trouble}`)))
  printFields({
    signed_at: iso(signedAt),
    key: inOneLine(answer.serial),
    request_id: inOneLine(answer.request_id) || undefined,
    sha1,
    rows: sha1 === undefined || bill === undefined ? undefined : `${bill.count}, in the file with this SHA-1`,
    says:
      sha1 === undefined && trouble === undefined
        ? 'there is no bill; of which day, the answer does not say'
        : undefined,
  })
}

function showClaim(what: string, { trouble, open }: JudgedClaim) {
  if (trouble !== undefined) {
    console.log(paint.failed(`✘ ${what}`))
    return console.log(paint.failed(inOneLine(`    ${trouble}`)))
  }
  if (open.length === 0) return console.log(paint.ok(`✔ ${what}`))
  console.log(paint.warning(`! ${what}`))
  console.log(paint.warning(`    not proved without the bill of ${open.join(', ')}`))
}

function showEnd(proof: Proof) {
  const days = [...new Set(claimsOf(proof).flatMap(({ open }) => open))].sort()
  switch (stateOf(proof)) {
    case 'not proved':
      return console.log(paint.failed('✘ Not everything is WeChat Pay’s word.'))
    case 'open':
      console.log(paint.warning('! WeChat Pay signed the hashes. The rows are not proved, only the hash.'))
      return console.log(
        days.map((day) => `  → --bill <file of ${day}>, which npm run settle -- --date ${day} --save keeps`).join('\n'),
      )
    case 'proved':
      console.log(paint.ok('✔ WeChat Pay’s books say so.'))
      for (const doubt of doubtsOf(proof)) console.log(paint.warning(`  ! ${doubt}`))
  }
}

/** What no signature says, and so rests on whoever kept it. */
function doubtsOf({ pages, settlements }: Proof): string[] {
  if (!settlements.some(({ settlement }) => settlement.settlement !== 'REFUNDED')) return []
  const isNone = pages.some(({ sha1 }) => sha1 === undefined)
  return [
    'Not signed: that these are the bills of all days since the attempt.',
    ...(isNone ? ['Not signed: of which day it was said that there is no bill.'] : []),
  ]
}

/** The same as JSON. */
export const proofAsJson = (proof: Proof) => ({
  ok: stateOf(proof) === 'proved',
  state: stateOf(proof),
  bills: proof.pages.map(({ bill_date, answer, signedAt, sha1, bill, trouble }) => ({
    ...{ bill_date, verified: trouble === undefined, trouble, key: answer.serial, signed_at: iso(signedAt) },
    ...{ request_id: answer.request_id, sha1, rows: bill?.count },
  })),
  strays: proof.strays,
  settlements: proof.settlements.map(({ settlement: { out_trade_no, outcome, settlement }, judged }) => ({
    ...{ out_trade_no, outcome, settlement },
    ...claimAsJson(judged),
  })),
  ...(proof.reversed !== undefined && {
    reversed: { count: proof.reversed.list.orders.length, ...claimAsJson(proof.reversed.judged) },
  }),
})

const claimAsJson = ({ trouble, open }: JudgedClaim) => ({
  proved: trouble === undefined && open.length === 0,
  trouble,
  open: open.length === 0 ? undefined : open,
})
