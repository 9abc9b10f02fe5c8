/** Something given that cannot be used: what it is, and what to do. Neither holds any of it. */
export class Refusal extends Error {
  readonly what: string
  readonly fix: string
  constructor(what: string, fix: string) {
    super(`${what}: ${fix}`)
    this.what = what
    this.fix = fix
  }
}
