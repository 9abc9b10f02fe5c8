export type LogLine = Record<string, unknown>

/** Keeps what the functions write to the log from now on, instead of the test's own output. */
export function keepLogLines() {
  let lines: string[] = []
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream)
    stream.write = ((chunk: string | Uint8Array, ...rest: []) => {
      if (typeof chunk !== 'string' || !chunk.startsWith('{')) return write(chunk, ...rest)
      lines.push(...chunk.trimEnd().split('\n'))
      return true
    }) as typeof stream.write
  }

  const parsed = () => lines.map((line) => JSON.parse(line) as LogLine)
  return {
    all: parsed,
    /** As they stand in the log. */
    text: () => lines.join('\n'),
    /** The lines with this message. */
    saying: (message: string) => parsed().filter((line) => line.message === message),
    /** Every value of a metric. */
    metric: (name: string) =>
      parsed()
        .filter((line) => '_aws' in line && name in line)
        .flatMap((line) => line[name] as number | number[]),
    forget() {
      lines = []
    },
  }
}
