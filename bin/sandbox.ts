// `npm run sandbox`: WeChat Pay's stand-in alone, for testing any client.
import { InvalidArgumentError } from 'commander'
import { startPage } from '../infra/local/page/page.ts'
import { startSimulator } from '../infra/local/wechatpay/server.ts'
import { createSimulator } from '../infra/local/wechatpay/simulator.ts'
import { createCommand, run } from './operator/command.ts'
import { Failure } from './operator/failure.ts'
import { interrupted } from './operator/interrupted.ts'
import type { LocalSandbox } from './operator/local-clock.ts'
import { announce } from './operator/running.ts'
import { showRequest } from './operator/wechatpay-request.ts'
import { openIdentity, PROVIDER, SUB_MERCHANTS, saveIdentity, writeMerchant } from './sandbox/identity.ts'
import { showSandbox } from './sandbox/show.ts'
import { openInBrowser } from './start/open-in-browser.ts'
import { text } from './texts/sandbox.ts'

/** The backup domain and the control API have the next two. */
const PORT = 8301

interface Options {
  port: number
  folder: string
  fresh?: boolean
  open?: boolean
}

const examples = [
  ['', text.examples.same],
  ['--open', text.examples.open],
  ['--port 9301', text.examples.ports],
  ['--fresh', text.examples.fresh],
] as const

const command = createCommand('sandbox', text.description, examples)
  .option('--port <port>', text.port, readPort, PORT)
  .option('--folder <folder>', text.folder, '.sandbox')
  .option('--fresh', text.fresh)
  .option('--open', text.open)
  .action(sandbox)

function readPort(given: string): number {
  const port = Number(given)
  if (/^\d{1,5}$/.test(given) && port <= 65_533) return port
  throw new InvalidArgumentError(text.badPort)
}

async function sandbox({ port, folder, fresh = false, open = false }: Options) {
  const { isNew, ...identity } = await openIdentity(folder, fresh)
  const { keys, merchants } = identity
  let isShown = false
  const simulator = createSimulator({ keys, onRequest: (line) => isShown && showRequest(line) })
  const merchant = simulator.openMerchant(merchants.merchant)
  const provider = simulator.openMerchant(merchants.provider)
  for (const { sub_mchid, sub_appid } of SUB_MERCHANTS) {
    simulator.addSubMerchant({ sp_mchid: PROVIDER.mchid, sub_mchid, sub_appid })
  }
  const running = await startSimulator(simulator, portsFrom(port)).catch(explainPort)
  try {
    // Only now: a sandbox that runs there already goes on with its keys.
    if (isNew) await saveIdentity(folder, identity)
    await writeMerchant(folder, 'merchant', merchant, running.endpoints)
    await writeMerchant(folder, 'provider', provider, running.endpoints)
    const page = await startPage({ running, merchants: [merchant, provider] })
    const conceal = await announce('sandbox', { control: running.control } satisfies LocalSandbox)
    const ended = interrupted()
    showSandbox({ running, pageUrl: page.url, folder, isNew })
    isShown = true
    if (open) openInBrowser(page.url)
    await ended
    await conceal()
    await page.close()
  } finally {
    await running.close()
  }
}

const portsFrom = (port: number) => (port === 0 ? {} : { port, backupPort: port + 1, controlPort: port + 2 })

function explainPort(error: NodeJS.ErrnoException & { port?: number }): never {
  if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') throw error
  const port = Number(error.port)
  throw new Failure(error.code === 'EACCES' ? text.portForbidden(port) : text.portTaken(port), text.otherPort)
}

await run(command)
