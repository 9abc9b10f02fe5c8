import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Clock } from './wechatpay/clock.ts'

/** A clock that other processes can live by, with `clockImport`. */
export interface SharedClock extends Clock {
  /** Says how far the clock is ahead of the machine's. */
  file: string
  /** Forgets the file. Whoever lives by it stays as far ahead as the clock was. */
  close(): void
}

/** Writes down how far a clock is ahead, now and at every leap. */
export function shareClock(clock: Clock): SharedClock {
  const file = join(mkdtempSync(join(tmpdir(), 'wechatpay-reversal-')), 'clock')
  const opened = openSync(file, 'wx', 0o600)
  const write = () => writeSync(opened, new Uint8Array(new Float64Array([clock.aheadMs()]).buffer), 0, 8, 0)
  write()
  const stop = clock.onLeap(write)
  return {
    ...clock,
    file,
    close: () => {
      stop()
      closeSync(opened)
      rmSync(dirname(file), { recursive: true })
    },
  }
}

/** A module that makes the process which imports it live by a shared clock: `node --import <it>`. */
export const clockImport = (file: string): string =>
  `${import.meta.resolve('./follow-clock.mjs')}?${new URLSearchParams({ file })}`

/**
 * Resolves when the clock has come to a time, whether by itself or by a leap; rejects when `signal` ends the waiting.
 * It keeps no process alive.
 */
export function reached(clock: Clock, atMs: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let timer: NodeJS.Timeout | undefined
  const look = () => {
    clearTimeout(timer)
    const leftMs = atMs - clock.now()
    if (leftMs <= 0) resolve()
    else timer = setTimeout(look, Math.min(leftMs, LONGEST_TIMER_MS)).unref()
  }
  const stop = clock.onLeap(look)
  const end = () => reject(signal?.reason)
  signal?.addEventListener('abort', end, { once: true })
  if (signal?.aborted) end()
  look()
  return promise.finally(() => {
    stop()
    clearTimeout(timer)
    signal?.removeEventListener('abort', end)
  })
}

/** Node ends a longer one at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1
