import { type Control, createControl } from './control.ts'
import { Failure } from './failure.ts'
import type { LocalStage } from './local-stage.ts'
import { findRunning } from './running.ts'

/** `npm run sandbox`, as a command of another shell finds it. */
export interface LocalSandbox {
  /** The address of its control. */
  control: string
}

/** Whose clock: `stack` the one of `npm start`, `sandbox` that of `npm run sandbox`. */
export type Whose = 'stack' | 'sandbox'

export interface LocalClock {
  whose: Whose
  read(): Promise<ClockTime>
  /** Sets it forward by so many whole seconds. */
  forward(seconds: number): Promise<ClockTime>
}

export interface ClockTime {
  /** RFC 3339. */
  now: string
  /** How far it is ahead of this machine's. */
  ahead_seconds: number
}

export const clockOf = (control: Control, whose: Whose): LocalClock => ({
  whose,
  read: () => control('GET', '/clock'),
  forward: (forward_seconds) => control('POST', '/clock', { forward_seconds }),
})

/** @throws Failure when none runs, or nobody says which */
export async function findClock(wanted: Whose | undefined): Promise<LocalClock> {
  const look = async (whose: Whose) => {
    const found =
      wanted === undefined || wanted === whose ? await findRunning<LocalStage | LocalSandbox>(whose) : undefined
    return found && clockOf(createControl(found.control), whose)
  }
  const [stack, sandbox] = await Promise.all([look('stack'), look('sandbox')])
  if (stack && sandbox) {
    throw new Failure('the local stack and a sandbox are both running', 'Say which: --stage local, or --sandbox')
  }
  const clock = stack ?? sandbox
  if (clock) return clock
  throw new Failure(
    `no ${wanted === 'sandbox' ? 'sandbox' : wanted === 'stack' ? 'local stack' : 'local stack or sandbox'} is running`,
    'Start one, and leave it up in its own terminal: npm start, or npm run sandbox',
  )
}
