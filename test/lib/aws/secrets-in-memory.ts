import type { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'

export type Stage = 'AWSCURRENT' | 'AWSPREVIOUS'

/** What happens before a secret's value is read, or instead. */
export type Way = (signal: AbortSignal) => Promise<void>

/** An error as the SDK throws it. */
export const failing =
  (name: string, message = `${name}!`) =>
  async (): Promise<never> => {
    throw Object.assign(new Error(message), { name })
  }

/** Never answers: the patience of who asks ends it. */
export const silent: Way = (signal) =>
  new Promise((_, reject) => {
    // The signal alone keeps no process alive.
    const alive = setTimeout(() => {}, 60_000)
    signal.addEventListener('abort', () => {
      clearTimeout(alive)
      reject(Object.assign(new Error('Request aborted'), { name: 'AbortError' }))
    })
  })

/** Secrets Manager as our client uses it, without the wire, which is `secret-reader.test.ts`'s: with stages and every misbehaviour. */
export function createSecrets() {
  const secrets = new Map<string, Partial<Record<Stage, string>>>()
  const ways = new Map<string, Way>()
  const calls: { name: string; stage: Stage }[] = []

  async function send({ input }: GetSecretValueCommand, { abortSignal }: { abortSignal: AbortSignal }) {
    const [name, stage] = [input.SecretId!, input.VersionStage as Stage]
    calls.push({ name, stage })
    await ways.get(name)?.(abortSignal)
    const SecretString = secrets.get(name)?.[stage]
    return SecretString === undefined ? await failing('ResourceNotFoundException')() : { SecretString }
  }

  return {
    client: { send } as unknown as Pick<SecretsManagerClient, 'send'>,
    /** Every GetSecretValue so far, oldest first. */
    calls,
    /** Puts a value: what was AWSCURRENT becomes AWSPREVIOUS. */
    put(name: string, value: object | string) {
      const before = secrets.get(name)?.AWSCURRENT
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      secrets.set(name, { AWSCURRENT: text, ...(before !== undefined && { AWSPREVIOUS: before }) })
    },
    /** From now on, reads of a secret go this way; without a way, as they should. */
    behave(name: string, way?: Way) {
      if (way === undefined) ways.delete(name)
      else ways.set(name, way)
    },
  }
}
