/**
 * Resolves at Ctrl-C. Begin it before anybody is told that Ctrl-C ends it. It is listened to until the end: Ctrl-C arrives
 * twice, from the terminal and from npm, and the second must not cut short what closes.
 */
export function interrupted(): Promise<unknown> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, resolve)
  })
}
