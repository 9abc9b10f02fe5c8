import { randomBytes } from 'node:crypto'

interface Kept {
  mchid: string
  bytes: Buffer
  until: number
}

/** The files that were made, each behind a token. */
export function createBillFiles() {
  const files = new Map<string, Kept>()
  return {
    /** Keeps a file, and says under which token. */
    put(file: Kept, now: number): string {
      for (const [token, { until }] of files) if (until < now) files.delete(token)
      const token = randomBytes(24).toString('base64url')
      files.set(token, file)
      return token
    },
    find: (token: string): Kept | undefined => files.get(token),
  }
}

export type BillFiles = ReturnType<typeof createBillFiles>
