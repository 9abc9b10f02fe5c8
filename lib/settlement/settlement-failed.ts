/** An outcome that its bills did not settle in time. Its dead letter carries the name, set from a literal. */
export class SettlementFailed extends Error {
  override readonly name = 'SettlementFailed'
}
