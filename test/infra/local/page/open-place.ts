import { packagedTemplate } from '../../../../bin/deployment/packaged.ts'
import { startPage } from '../../../../infra/local/page/page.ts'
import { watch as watchPage } from '../../../../infra/local/page/watch.ts'
import { shareClock } from '../../../../infra/local/shared-clock.ts'
import { startLocalStack } from '../../../../infra/local/stack.ts'
import { startSimulator } from '../../../../infra/local/wechatpay/server.ts'
import { createSimulator } from '../../../../infra/local/wechatpay/simulator.ts'
import { valuesOf } from '../../../../infra/local/wechatpay/wire.ts'

/** WeChat Pay, the service unless not wanted, and the page before them. */
export async function openPlace({ withService = true } = {}) {
  const simulator = createSimulator()
  const merchant = simulator.openMerchant()
  simulator.addSubMerchant({ sp_mchid: merchant.mchid, sub_mchid: '1900000109' })
  /** Every `Authorization` that WeChat Pay was sent. */
  const authorizations: string[] = []
  const { handle } = simulator
  simulator.handle = (request, at) => {
    authorizations.push(...valuesOf(request.headers, 'Authorization'))
    return handle(request, at)
  }
  const running = await startSimulator(simulator)
  const clock = shareClock(simulator.clock)
  const stack = withService
    ? await startLocalStack({
        template: await packagedTemplate(),
        wechatPayEndpoints: running.endpoints,
        merchants: [merchant.secret],
        clock,
      })
    : undefined
  const page = await startPage({ running, merchants: [merchant], ...(stack && { stack }) })
  return {
    ...page,
    running,
    merchant,
    authorizations,
    stack,
    act: (name: string, body: unknown) =>
      fetch(`${page.url}actions/${name}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Origin: new URL(page.url).origin },
        body: JSON.stringify(body),
      }),
    close: async () => {
      await page.close()
      await stack?.close()
      await running.close()
      clock.close()
    },
  }
}

/** Follows a page's stream, and keeps every word of it. */
export async function watch(url: string) {
  const said: string[] = []
  const watching = await watchPage(url, (text) => said.push(text))
  return { ...watching, said: () => said.join('') }
}
