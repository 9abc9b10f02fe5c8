/** Something a person can put right: what is wrong, and what to do next. Shown without a stack trace. */
export class Failure extends Error {
  readonly next: string | undefined
  readonly exitCode: number

  constructor(message: string, next?: string, { exitCode = 1, ...options }: ErrorOptions & { exitCode?: number } = {}) {
    super(message, options)
    this.next = next
    this.exitCode = exitCode
  }
}
