import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { networkInterfaces } from 'node:os'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { until } from '../fixtures/until.ts'
import { foreignClient } from '../wechatpay/foreign-client.ts'
import { openPlace, watch } from './open-place.ts'

const place = await openPlace({ withService: false })
after(() => place.close())
const { origin, host, port, pathname } = new URL(place.url)

/** Unlike `fetch`, lets every header be chosen. */
async function ask(path: string, headers: Record<string, string> = {}, method = 'GET', body = '') {
  const asking = request({ host: '127.0.0.1', port, path, method, headers }).end(body)
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) }
}
const json = { 'content-type': 'application/json' }

test('the page and all it is made of is served under the token, and nothing else is', async () => {
  const page = await ask(pathname)
  assert.equal(page.status, 200)
  for (const [, file] of page.body.matchAll(/(?:src|href)="([^"]+)"/g)) {
    assert.equal((await ask(pathname + file)).status, 200, file)
  }
  const elsewhere = [
    '/',
    '/stream',
    '/page.ts',
    `${pathname}../package.json`,
    `${pathname}%2e%2e/page.ts`,
    `${pathname}tsconfig.json`,
  ]
  for (const path of [...elsewhere, `/${'x'.repeat(22)}/`, pathname.slice(0, -2), `${pathname}actions/pay`]) {
    const answer = await ask(path)
    assert.deepEqual([answer.status, answer.body], [404, '{"error":"not here"}'], path)
  }
})

test('scripts are JavaScript without types, and import only one another', async () => {
  const { body } = await ask(`${pathname}page.ts`)
  assert.doesNotMatch(body, /import type|interface /)
  const imports = [...body.matchAll(/from "(.+?)"/g)].map(([, path]) => path!)
  assert.ok(imports.length > 5)
  for (const path of imports) assert.equal((await ask(pathname + path.slice(2))).status, 200, path)
})

test('nothing from elsewhere may be loaded, and nobody may frame the page', async () => {
  const { headers } = await ask(pathname)
  const policy = String(headers['content-security-policy'])
  assert.match(policy, /default-src 'none'/)
  assert.match(policy, /frame-ancestors 'none'/)
  assert.doesNotMatch(policy, /unsafe|https?:|\*/)
  assert.equal(headers['referrer-policy'], 'no-referrer')
})

test('under another name, nobody is answered: DNS rebinding', async () => {
  for (const name of [`example.com:${port}`, `127.0.0.1.example.com:${port}`, '127.0.0.1:1', 'localhost']) {
    assert.equal((await ask(pathname, { host: name })).status, 403, name)
  }
  assert.equal((await ask(pathname, { host: `localhost:${port}` })).status, 200)
})

test('nobody answers on any other address of this machine', async () => {
  const others = Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.filter((one) => !one.internal),
  )
  for (const { address, family } of others) {
    const to = family === 'IPv6' ? `[${address}]` : address
    if (address.startsWith('fe80:')) continue
    await assert.rejects(fetch(`http://${to}:${port}${pathname}`, { signal: AbortSignal.timeout(2_000) }), address)
  }
})

test('another page can neither read nor click', async () => {
  const strangers = ['http://example.com', 'null', `https://${host}`, `http://localhost:${port}`]
  for (const stranger of strangers) {
    for (const path of [pathname, `${pathname}stream`]) {
      assert.equal((await ask(path, { origin: stranger })).status, 403, stranger)
    }
    const click = await ask(`${pathname}actions/drop-plans`, { ...json, origin: stranger }, 'POST', '{}')
    assert.equal(click.status, 403, stranger)
  }
  for (const site of ['cross-site', 'same-site']) {
    assert.equal((await ask(pathname, { 'sec-fetch-site': site })).status, 403, site)
  }
})

test('a click needs an origin, the token and JSON', async () => {
  const path = `${pathname}actions/drop-plans`
  assert.equal((await ask(path, { ...json, origin }, 'POST', '{}')).status, 200)
  assert.equal((await ask(path, json, 'POST', '{}')).status, 403)
  assert.equal((await ask(path, { origin, 'content-type': 'text/plain' }, 'POST', '{}')).status, 415)
  assert.equal((await ask('/actions/drop-plans', { ...json, origin }, 'POST', '{}')).status, 404)
  for (const method of ['PUT', 'DELETE', 'OPTIONS', 'HEAD']) {
    assert.notEqual((await ask(path, { ...json, origin }, method)).status, 200, method)
  }
})

test('what an action is asked is checked, and refused by the name of the field', async () => {
  const mchid = place.merchant.mchid
  const wrong: [string, unknown, RegExp][] = [
    ['pay', { mchid, out_trade_no: 'a b', total: 1, customer: '00' }, /^out_trade_no: /],
    ['pay', { mchid, out_trade_no: 'a', total: 0, customer: '00' }, /^total: /],
    ['pay', { mchid, out_trade_no: 'a', total: 1, customer: '99' }, /^customer: /],
    ['pay', { mchid: 'x', out_trade_no: 'a', total: 1, customer: '00' }, /no merchant x/],
    ['plan', { fault: 'no-such-fault' }, /^fault: /],
    ['domain', { host: 'main', state: 'burning' }, /^state: /],
    ['happen', { mchid, out_trade_no: 'a', event: 'pay' }, /cannot happen/],
    ['reverse', {}, /no action/],
    ['constructor', {}, /no action/],
  ]
  for (const [action, body, words] of wrong) {
    const answer = await place.act(action, body)
    assert.ok(answer.status >= 400 && answer.status < 500, `${action}: ${answer.status}`)
    assert.match(((await answer.json()) as { error: string }).error, words)
  }
  assert.equal((await ask(`${pathname}actions/pay`, { ...json, origin }, 'POST', '{')).status, 400)
})

test('when the place is closed, the page is told', async () => {
  const other = await openPlace({ withService: false })
  const { heard, parts } = await watch(other.url)
  await until(() => heard.isReady)
  await other.close()
  await until(() => heard.isEnded)
  assert.equal(parts.setting?.mode, 'sandbox')
  assert.ok(!parts.setting.actions.includes('reverse'))
})

test('time moves on; without a service there is no night to settle', async () => {
  const other = await openPlace({ withService: false })
  after(() => other.close())
  const { parts, close } = await watch(other.url)
  for (const seconds of [0, -1, 1.5, 31 * 86_400, '1']) {
    assert.equal((await other.act('forward', { seconds })).status, 400, String(seconds))
  }
  assert.equal((await other.act('forward', { seconds: 7 * 86_400 })).status, 200)
  assert.equal((await other.act('settle', {})).status, 404)
  await until(() => parts.clock?.aheadMs === 7 * 86_400_000)
  await close()
})

test('what another client does is shown, and no rule of ours claimed for it', async () => {
  const { merchant, running } = place
  const { mchid, appid } = merchant
  running.simulator.placeOrder({ mchid, appid, out_trade_no: 'foreign' }, 'SUCCESS')
  const client = foreignClient(merchant, running.endpoints[0])
  const order = 'v3/pay/transactions/out-trade-no/foreign'
  await client.get(order, { mchid })
  await client.post(`${order}/reverse`, { appid, mchid })
  await client.post(`${order}/close`, { mchid })
  const { parts, close } = await watch(place.url)
  const part = () => parts[`order ${mchid}/foreign`]
  await until(() => part() !== undefined && part()!.timeline.length > 5)
  const calls = part()!.timeline.flatMap((entry) => (entry.kind === 'call' ? [entry] : []))
  assert.deepEqual(
    calls.map(({ endpoint, rules }) => [endpoint, rules]),
    [
      ['query', []],
      ['reverse', []],
      ['close', []],
    ],
  )
  await close()
})
