import type { Domain } from './domain.ts'
import type { Simulator } from './simulator.ts'
import type { Host } from './wire.ts'

export interface RunningSimulator {
  simulator: Simulator
  /** URLs of the main and the backup domain. */
  endpoints: [main: string, backup: string]
  /** URL of the control API: `<control>/simulator/…`, see control.ts. */
  control: string
  domains: Record<Host, Domain>
  close: () => Promise<void>
}
