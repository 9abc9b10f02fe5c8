import assert from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import type { Page } from 'playwright-core'
import { CHROMIUM, openBrowser } from '../../../../bin/screenshot/chromium.ts'
import { until } from '../fixtures/until.ts'
import { openPlace } from './open-place.ts'

const browser = await openBrowser()
const skip = browser === undefined && `no browser: none of ${CHROMIUM.join(', ')} is there (apt-get install chromium)`
const place = browser && (await openPlace())
after(async () => {
  await browser?.close()
  await place?.close()
})

const namesOf = ({ mchid, appid }: { mchid: string; appid: string }) => ({ mchid, appid })

interface Look {
  width?: number
  language?: 'en-GB' | 'zh-CN'
  colorScheme?: 'light' | 'dark'
  url?: string
}

/** Opens the page as somebody with this browser would see it; whatever the browser complains of fails the test. */
async function open(
  t: TestContext,
  { width = 1280, language = 'en-GB', colorScheme = 'light', url = place!.url }: Look = {},
) {
  const context = await browser!.newContext({ viewport: { width, height: 900 }, locale: language, colorScheme })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) complaints.push(`asks elsewhere: ${request.url()}`)
  })
  t.after(() => context.close())
  await page.goto(url)
  await page.locator('main:not(.waiting)').waitFor()
  return { page, complaints }
}

test('an order is made, reversed and proved by clicks', { skip }, async (t) => {
  const { page, complaints } = await open(t)
  await page.getByLabel('Order number').fill('clicked-1')
  await page.getByLabel('What goes wrong').first().selectOption('reset-after-effect')
  await page.getByRole('button', { name: 'Pay', exact: true }).click()
  await page.locator('.detail h2', { hasText: 'clicked-1' }).waitFor()
  await page.getByRole('button', { name: 'Queue' }).click()
  await page.getByText('The books agree').waitFor()
  await page.getByText('answer lost').first().waitFor()
  await page.locator('.events, #events').first().waitFor()
  assert.equal(await page.getByLabel('Order number').inputValue(), 'clicked-2')
  assert.deepEqual(complaints, [])
})

test('on a narrow screen, what was made or chosen comes into view', { skip }, async (t) => {
  const { page } = await open(t, { width: 390 })
  const isInView = () =>
    page
      .locator('#order')
      .evaluate((order: { getBoundingClientRect(): { top: number } }) => order.getBoundingClientRect().top < 900)
  assert.equal(await isInView(), false)
  await page.getByLabel('Order number').fill('narrow-1')
  await page.getByRole('button', { name: 'Pay', exact: true }).click()
  await page.locator('.detail h2', { hasText: 'narrow-1' }).waitFor()
  assert.equal(await isInView(), true)
  await page.getByRole('link', { name: 'Back to the orders' }).click()
  await page.locator('.order').last().click()
  await page.locator('.order[aria-current]', { hasNotText: 'narrow-1' }).waitFor()
  assert.equal(await isInView(), true)
})

/** Presses Tab until the focus is where it is wanted. */
async function tabTo(page: Page, wanted: string, key = 'Tab') {
  for (let pressed = 0; pressed < 90; pressed++) {
    await page.keyboard.press(key)
    if (await page.evaluate(`document.activeElement.matches(${JSON.stringify(wanted)})`)) return
  }
  assert.fail(`Tab never comes to ${wanted}`)
}

test('by keyboard alone, from the first order to its settlement', { skip }, async (t) => {
  const { page, complaints } = await open(t)
  await page.keyboard.press('Tab')
  assert.equal(await page.evaluate('document.activeElement.className'), 'skip')
  await tabTo(page, '[name="out_trade_no"]')
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type('typed-1')
  await tabTo(page, '[name="customer"]')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await tabTo(page, '[data-action="pay"] button')
  await page.keyboard.press('Enter')
  await page.locator('.detail h2', { hasText: 'typed-1' }).waitFor()
  await page.getByRole('status').getByText('Order typed-1 is made.').waitFor()

  // Tab leads past the orders, the arrows lead among them.
  await tabTo(page, '.order')
  await page.keyboard.press('ArrowDown')
  await page.locator('.order[aria-current]', { hasNotText: 'typed-1' }).waitFor()
  await page.keyboard.press('Home')
  await page.locator('.order[aria-current]', { hasText: 'typed-1' }).waitFor()
  await tabTo(page, '#order [name="attempted_seconds_ago"]')

  await tabTo(page, '[name="way"][value="http"]')
  assert.notEqual(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'), 'none')
  await page.keyboard.press('Enter')
  await page.locator('.detail').getByText('nobody is charged, and it cannot be paid any more').first().waitFor()
  // What changes around it takes the focus from nobody.
  assert.equal(await page.evaluate('document.activeElement.value'), 'http')

  await tabTo(page, '[name="tomorrow"]', 'Shift+Tab')
  await page.keyboard.press('Enter')
  await page.getByText(/^It is .*, 10:15:\d\d in China/).waitFor()
  await page.locator('.detail').getByText('The trade bill says').waitFor()
  await page.locator('.detail .box').getByText('NEVER_PAID').waitFor()
  await tabTo(page, '[data-action="settle"] button')
  await page.keyboard.press('Enter')
  await page.getByRole('status').getByText('settlement found nothing to settle').waitFor()
  assert.deepEqual(complaints, [])
})

test('what goes away leaves the focus in its room; what comes back has it again', { skip }, async (t) => {
  const { page } = await open(t)
  const focused = (what: string) => page.evaluate(`document.activeElement.${what}`)
  await page.getByLabel('The customer').selectOption('02')
  await page.getByLabel('Order number').fill('leaving-1')
  await page.getByRole('button', { name: 'Pay', exact: true }).click()
  await page.locator('.detail h2', { hasText: 'leaving-1' }).waitFor()
  const pays = page.getByRole('button', { name: 'The customer pays' })
  await pays.focus()
  await page.keyboard.press('Enter')
  await pays.waitFor({ state: 'detached' })
  assert.equal(await focused('id'), 'order')

  // Newer orders come in above the one that has the focus.
  await page.locator('.order[aria-current]').focus()
  place!.running.simulator.placeOrder({ ...namesOf(place!.merchant), out_trade_no: 'newer-1' }, 'SUCCESS')
  await page.locator('.order', { hasText: 'newer-1' }).waitFor()
  assert.match(String(await focused('textContent')), /leaving-1/)
})

test('what somebody opened, typed or chose stays while the page changes', { skip }, async (t) => {
  const { page } = await open(t)
  await page.locator('.order', { hasText: 'clicked-1' }).click()
  await page.locator('.entry details').first().locator('summary').click()
  await page.getByLabel('Amount, yuan').fill('12.34')
  await page.getByLabel('If it is paid').selectOption('keep')
  await page.waitForTimeout(1_500)
  assert.ok(await page.locator('.entry details').first().locator('pre').first().isVisible())
  assert.equal(await page.getByLabel('Amount, yuan').inputValue(), '12.34')
  assert.equal(await page.getByLabel('If it is paid').inputValue(), 'keep')
})

test('every width, language and colour, in every state: nothing overflows, every text can be read', {
  skip,
}, async (t) => {
  await fillWithLongWords()
  for (const language of ['en-GB', 'zh-CN'] as const) {
    const { page, complaints } = await open(t, { language })
    assert.equal(await page.evaluate('document.documentElement.lang'), language === 'zh-CN' ? 'zh-CN' : 'en')
    await page.locator(`[data-select$="/${LONGEST}"]`).click()
    await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    // 320: a page at 400 % of its size.
    for (const width of [1280, 390, 320]) {
      await page.setViewportSize({ width, height: 900 })
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        const look = `${width} ${language} ${colorScheme}`
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width, look)
        assert.deepEqual(await page.evaluate(POOR_CONTRASTS), [], look)
      }
    }
    assert.deepEqual(await page.evaluate(UNNAMED), [])
    assert.deepEqual(await page.evaluate(SKIPPED_HEADINGS), [])
    assert.deepEqual(complaints, [])
  }
})

const LONGEST = '12345678901234567890123456789012'

/** Orders of every look, the longest number, a dead letter and long words of WeChat Pay's. */
async function fillWithLongWords() {
  const { running, merchant, act, stack } = place!
  const names = namesOf(merchant)
  for (const state of ['SUCCESS', 'NOTPAY', 'USERPAYING', 'PAYERROR', 'REVOKED', 'CLOSED', 'REFUND'] as const) {
    running.simulator.placeOrder({ ...names, out_trade_no: `state-${state}` }, state)
  }
  await act('plan', { fault: 'no-auth', out_trade_no: LONGEST, times: 'always' })
  await act('pay', { mchid: names.mchid, out_trade_no: LONGEST, total: 10_000_000, customer: '00' })
  running.simulator.placeOrder({ ...names, out_trade_no: LONGEST.replace('1', 'x') }, 'SUCCESS')
  const wish = { mchid: names.mchid, out_trade_no: LONGEST, if_paid: 'refund', attempted_seconds_ago: 60 }
  await act('reverse', { ...wish, way: 'sqs' })
  await act('reverse', { ...wish, out_trade_no: LONGEST.replace('1', 'x'), way: 'sqs', attempted_seconds_ago: 691_200 })
  await stack!.sendMessage({ a: 'w'.repeat(200) })
  await until(async () => (await stack!.deadLetters()).length >= 2)
}

test('the language and the colours change at a click, and stay', { skip }, async (t) => {
  const { page } = await open(t)
  await page.getByRole('button', { name: '中文' }).click()
  await page.getByRole('heading', { name: '新建订单' }).waitFor()
  await page.getByLabel('配色').selectOption('dark')
  await page.reload()
  await page.getByRole('heading', { name: '新建订单' }).waitFor()
  assert.equal(await page.evaluate('getComputedStyle(document.body).colorScheme'), 'dark')
})

test('a page of another origin gets nothing, not even by a form', { skip }, async (t) => {
  const stranger = await openPlace({ withService: false })
  t.after(stranger.close)
  const { page } = await open(t, { url: stranger.url })
  const before = await (await fetch(`${place!.running.control}/simulator/plans`)).json()
  const told = await page.evaluate(`(async () => {
    const url = ${JSON.stringify(`${place!.url}actions/plan`)}
    const body = '{"fault":"silence"}'
    const ways = [{ mode: 'no-cors', body }, { body, headers: { 'Content-Type': 'application/json' } }]
    return Promise.all(ways.map((way) => fetch(url, { method: 'POST', ...way }).then(({ status }) => status, () => 'no')))
  })()`)
  assert.deepEqual(told, ['no', 'no'])
  assert.deepEqual(await (await fetch(`${place!.running.control}/simulator/plans`)).json(), before)
})

test('WeChat Pay alone: no service, and no button for one', { skip }, async (t) => {
  const alone = await openPlace({ withService: false })
  const { page, complaints } = await open(t, { url: alone.url })
  await page.getByRole('heading', { name: 'Watch what becomes of an order' }).waitFor()
  await page.getByRole('button', { name: 'Pay', exact: true }).click()
  await page.getByRole('heading', { name: 'order-1' }).waitFor()
  for (const name of ['HTTP', 'Queue', 'Step Functions']) {
    assert.equal(await page.getByRole('button', { name, exact: true }).count(), 0, name)
  }
  assert.equal(await page.getByText('Dead letters').count(), 0)
  assert.deepEqual(complaints, [])

  await alone.close()
  await page.getByText('npm run sandbox').waitFor()
  assert.ok(await page.getByRole('button', { name: 'Pay', exact: true }).isDisabled())
  assert.ok(await page.getByRole('heading', { name: 'order-1' }).isVisible())
})

test('the night is settled by a click where there is a service', { skip }, async (t) => {
  const { page, complaints } = await open(t)
  const isDone = page.waitForResponse((response) => response.url().endsWith('/actions/settle'))
  await page.getByRole('button', { name: 'Run the night’s settlement' }).click()
  assert.equal((await isDone).status(), 200)
  assert.deepEqual(complaints, [])
})

test('the clock is moved by a click', { skip }, async (t) => {
  const alone = await openPlace({ withService: false })
  t.after(alone.close)
  const { page, complaints } = await open(t, { url: alone.url })
  await page.getByRole('button', { name: '7 days' }).click()
  await page.getByText('7 d ahead of this machine’s clock').waitFor()
  await page.getByLabel('The customer').selectOption('03')
  await page.getByRole('button', { name: 'Pay', exact: true }).click()
  await page.getByText(/The customer pays: in/).waitFor()
  await page.getByRole('button', { name: '1 minute' }).click()
  await page.locator('.order', { hasText: 'SUCCESS' }).waitFor()
  assert.equal(await page.getByRole('button', { name: 'Run the night’s settlement' }).count(), 0)
  assert.deepEqual(complaints, [])
})

test('a lost connection is said, nothing can be clicked, and it mends itself with the focus where it was', {
  skip,
}, async (t) => {
  const { page } = await open(t)
  await page.route('**/stream', (route) => route.abort())
  await page.reload()
  await page.getByText('connection lost').first().waitFor()
  await page.unroute('**/stream')
  await page.getByText('live', { exact: true }).waitFor()

  // Under somebody's hands: said by the stream itself, so that the page stays the same.
  await page.addInitScript(`EventSource = class extends EventSource {
    constructor(url) { super(url); document.stream = this }
  }`)
  await page.reload()
  await page.getByText('live', { exact: true }).waitFor()
  const number = page.getByLabel('Order number')
  await number.focus()
  await page.evaluate("document.stream.dispatchEvent(new Event('error'))")
  await page.getByText('connection lost').first().waitFor()
  assert.ok(await number.isDisabled())
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    assert.deepEqual(await page.evaluate(POOR_CONTRASTS), [], colorScheme)
  }
  await page.evaluate("document.stream.dispatchEvent(new Event('ready'))")
  await page.waitForFunction("document.activeElement.name === 'out_trade_no'")
})

test('an answer that is none is said in words, and stays until it is closed', { skip }, async (t) => {
  const { page } = await open(t)
  for (const body of ['<html>', '', 'null']) {
    await page.route('**/actions/pay', (route) => route.fulfill({ status: 502, body }))
    await page.getByRole('button', { name: 'Pay', exact: true }).click()
    await page.getByRole('status').getByText('did not answer').waitFor()
    await page.getByRole('button', { name: 'Close', exact: true }).click()
    await page.getByText('did not answer').waitFor({ state: 'detached' })
  }
  await page.route('**/actions/pay', (route) => route.abort())
  await page.getByRole('button', { name: 'Pay', exact: true }).click()
  await page.getByRole('status').getByText('did not answer').waitFor()
})

test('hundreds of orders: all are there, and Tab passes them in one step', { skip }, async (t) => {
  const many = await openPlace({ withService: false })
  t.after(many.close)
  for (let number = 0; number < 320; number++) {
    many.running.simulator.placeOrder({ ...namesOf(many.merchant), out_trade_no: `many-${number}` }, 'SUCCESS')
  }
  const { page, complaints } = await open(t, { url: many.url, width: 390 })
  await page.getByText('20 older ones are not shown.').waitFor()
  assert.equal(await page.locator('.order').count(), 300)
  assert.equal(await page.locator('.order[tabindex="0"]').count(), 1)
  assert.equal(await page.locator('#orders-heading .count').textContent(), '320')
  assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 390)
  assert.deepEqual(complaints, [])
})

/** Everything that can be used and has no name to be heard. Runs in the browser. */
const UNNAMED = `[...document.querySelectorAll('button, input:not([type="hidden"]), select, [tabindex], a, summary')]
  .filter((one) => one.checkVisibility())
  .filter((one) => ![one.ariaLabel, one.getAttribute('aria-labelledby'), one.labels?.[0]?.textContent, one.textContent].some((name) => name?.trim()))
  .map((one) => one.outerHTML.slice(0, 100))`

/** Headings that come more than one level below the one before. Runs in the browser. */
const SKIPPED_HEADINGS = `[...document.querySelectorAll('h1, h2, h3, h4')]
  .filter((one) => one.checkVisibility())
  .filter((one, index, all) => index > 0 && one.tagName[1] - all[index - 1].tagName[1] > 1)
  .map((one) => one.outerHTML.slice(0, 100))`

/** Every text whose contrast with what is behind it is below WCAG's 4.5 : 1. Runs in the browser. */
const POOR_CONTRASTS = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const rgb = (color) => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = color
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data]
  }
  const luminance = ([r, g, b]) => {
    const [R, G, B] = [r, g, b].map((value) => value / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    return 0.2126 * R + 0.7152 * G + 0.0722 * B
  }
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const color = rgb(getComputedStyle(one).backgroundColor)
      if (color[3] === 255) return color
    }
    return [255, 255, 255, 255]
  }
  return [...document.querySelectorAll('body *')]
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.nodeValue.trim()))
    .filter((element) => element.checkVisibility() && !element.closest(':disabled, script, noscript'))
    .flatMap((element) => {
      const [a, b] = [rgb(getComputedStyle(element).color), ground(element)].map(luminance)
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
      return contrast < 4.5 ? [element.className + ' ' + element.textContent.slice(0, 30) + ' ' + contrast.toFixed(2)] : []
    })
})()`
