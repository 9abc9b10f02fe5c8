import { inLanguage } from '../language/in-language.ts'
import { type Control, createControl } from './control.ts'
import { Failure } from './failure.ts'
import type { LocalStage } from './local-stage.ts'
import { findRunning } from './running.ts'

const text = inLanguage({
  en: {
    bothRun: 'the local stack and a sandbox are both running',
    sayWhich: 'Say which: --stage local, or --sandbox',
    noneRuns: {
      stack: 'no local stack is running',
      sandbox: 'no sandbox is running',
      either: 'no local stack or sandbox is running',
    },
    startOne: 'Start one, and leave it up in its own terminal: npm start, or npm run sandbox',
  },
  'zh-CN': {
    bothRun: '本机服务和沙箱都在运行',
    sayWhich: '请说明是哪一个：--stage local，或 --sandbox',
    noneRuns: {
      stack: '本机没有正在运行的服务',
      sandbox: '本机没有正在运行的沙箱',
      either: '本机没有正在运行的服务，也没有沙箱',
    },
    startOne: '请在另一个终端里启动，并让它开着：npm start，或 npm run sandbox',
  },
})

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
  if (stack && sandbox) throw new Failure(text.bothRun, text.sayWhich)
  const clock = stack ?? sandbox
  if (clock) return clock
  throw new Failure(text.noneRuns[wanted ?? 'either'], text.startOne)
}
