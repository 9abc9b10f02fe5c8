/** A command of this project, as a person can paste it into a shell. */
export const npmRun = (name: string, args: readonly string[] = []): string =>
  [`npm run ${name}`, ...(args.length > 0 ? ['--', ...args.map(quoted)] : [])].join(' ')

/** A path may hold spaces, an order's number a *. */
const quoted = (arg: string) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`)
