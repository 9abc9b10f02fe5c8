import { text } from '../../texts/verify.ts'
import { printFields } from '../keep.ts'
import { paint } from '../paint.ts'
import { inOneLine } from '../table.ts'
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

export interface ProofLook {
  isSandbox: boolean
  /** The command that keeps the bill of a day. */
  keepBill(date: string): string
}

/** What was proved and what was not, for a person. */
export function showProof(proof: Proof, look: ProofLook) {
  for (const page of proof.pages) showPage(page)
  for (const { path, sha1 } of proof.strays) {
    console.log(paint.failed(`✘ ${text.books.stray(path, sha1)}`))
  }
  for (const { settlement, judged } of proof.settlements) {
    const { out_trade_no, outcome, settlement: name } = settlement
    showClaim(inOneLine(text.books.settled(out_trade_no, outcome, name)), judged)
  }
  if (proof.reversed !== undefined) {
    const { list, judged } = proof.reversed
    showClaim(text.books.reversed(list.orders.length, list.bill_date), judged)
  }
  showEnd(proof, look)
}

function showPage({ bill_date, answer, signedAt, sha1, bill, trouble }: JudgedPage) {
  const which = text.books.bill(bill_date)
  console.log(trouble === undefined ? paint.ok(`✔ ${which}`) : paint.failed(inOneLine(`✘ ${text.but(which, trouble)}`)))
  printFields({
    signed_at: iso(signedAt),
    key: inOneLine(answer.serial),
    request_id: inOneLine(answer.request_id) || undefined,
    sha1,
    rows: sha1 === undefined || bill === undefined ? undefined : text.books.rows(bill.count),
    says: sha1 === undefined && trouble === undefined ? text.books.noBill : undefined,
  })
}

function showClaim(what: string, { trouble, open }: JudgedClaim) {
  if (trouble !== undefined) {
    console.log(paint.failed(`✘ ${what}`))
    return console.log(paint.failed(inOneLine(`    ${trouble}`)))
  }
  if (open.length === 0) return console.log(paint.ok(`✔ ${what}`))
  console.log(paint.warning(`! ${what}`))
  console.log(paint.warning(`    ${text.books.notWithout(open.join(', '))}`))
}

function showEnd(proof: Proof, { isSandbox, keepBill }: ProofLook) {
  const days = [...new Set(claimsOf(proof).flatMap(({ open }) => open))].sort()
  switch (stateOf(proof)) {
    case 'not proved':
      return console.log(paint.failed(`✘ ${isSandbox ? text.notAllOfSandbox : text.notAll}`))
    case 'open':
      console.log(paint.warning(`! ${text.books.onlyHashes}`))
      for (const day of days) console.log(`  → ${text.books.giveBill(day)}\n    ${keepBill(day)}`)
      return
    case 'proved':
      console.log(isSandbox ? paint.warning(`✔ ${text.sandboxSaidSo}`) : paint.ok(`✔ ${text.books.saidSo}`))
      for (const doubt of doubtsOf(proof)) console.log(paint.warning(`  ! ${doubt}`))
  }
}

/** What no signature says, and so rests on whoever kept it. */
function doubtsOf({ pages, settlements }: Proof): string[] {
  if (!settlements.some(({ settlement }) => settlement.settlement !== 'REFUNDED')) return []
  const isNone = pages.some(({ sha1 }) => sha1 === undefined)
  return [text.books.unsignedDays, ...(isNone ? [text.books.unsignedDay] : [])]
}

/** The same as JSON. */
export const proofAsJson = (proof: Proof, isSandbox: boolean) => ({
  ok: stateOf(proof) === 'proved',
  sandbox: isSandbox || undefined,
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
