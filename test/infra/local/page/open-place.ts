import { packagedTemplate } from '../../../../bin/deployment/packaged.ts'
import { startPage } from '../../../../infra/local/page/page.ts'
import type { OrderPart, PartKey, Parts } from '../../../../infra/local/page/parts.ts'
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

/** Follows a page's stream. */
export async function watch(url: string) {
  const closing = new AbortController()
  const { body } = await fetch(`${url}stream`, { signal: closing.signal })
  const parts: Partial<Parts> = {}
  const heard = { text: '', isReady: false, isEnded: false }
  const read = async () => {
    let rest = ''
    for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
      heard.text += chunk
      const messages = (rest + chunk).split('\n\n')
      rest = messages.pop()!
      for (const message of messages) {
        heard.isReady ||= message.startsWith('event: ready')
        heard.isEnded ||= message.startsWith('event: ended')
        if (!message.startsWith('data: ')) continue
        const { key, value } = JSON.parse(message.slice('data: '.length)) as { key: PartKey; value: never }
        if (value === null) delete parts[key]
        else parts[key] = value
      }
    }
  }
  const reading = read().catch(() => {})
  return {
    parts,
    heard,
    orders: () => Object.entries(parts).flatMap(([key, part]) => (key.startsWith('order ') ? [part as OrderPart] : [])),
    close: async () => {
      closing.abort()
      await reading
    },
  }
}
