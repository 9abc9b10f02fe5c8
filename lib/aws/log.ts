import { Console } from 'node:console'

/** Lambda's own console puts words before each line. This one writes a line as it is, and a broken stream stops nobody. */
export const plainConsole = new Console(process.stdout, process.stderr)

/** From the least to the gravest; SILENT lets nothing through. Powertools' names. */
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL', 'SILENT'] as const

export type LogLevel = (typeof LEVELS)[number]

export const isLogLevel = (text: string): text is LogLevel => LEVELS.includes(text as LogLevel)

export interface LogOptions {
  service: string
  /** What is graver, or as grave, is written. */
  level: LogLevel
  now?: () => Date
}

/** A log of one JSON object a line, with the field names of Powertools' logger, so that tools for its lines read ours. */
export function createLog({ service, level: least, now = () => new Date() }: LogOptions) {
  let invocation: object = {}

  const writeAt = (level: LogLevel, write: (line: string) => void) => {
    const isWritten = LEVELS.indexOf(level) >= LEVELS.indexOf(least)
    return (message: string, fields: object) => {
      if (isWritten) write(JSON.stringify({ level, message, timestamp: now(), service, ...invocation, ...fields }))
    }
  }

  return {
    info: writeAt('INFO', plainConsole.log),
    warn: writeAt('WARN', plainConsole.error),
    error: writeAt('ERROR', plainConsole.error),
    /** What every line says from now on beside its own fields. */
    setInvocation(fields: object) {
      invocation = fields
    },
  }
}
