// `npm run screenshot`: the pictures of the page in docs/images, taken of a stack that has just told some stories.
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { startPage } from '../infra/local/page/page.ts'
import { startLocalStack } from '../infra/local/stack.ts'
import { startSimulator } from '../infra/local/wechatpay/server.ts'
import { createSimulator } from '../infra/local/wechatpay/simulator.ts'
import { packagedTemplate } from './deployment/packaged.ts'
import { createCommand, run } from './operator/command.ts'
import { Failure } from './operator/failure.ts'
import { CHROMIUM, openBrowser } from './screenshot/chromium.ts'

const IMAGES = join(import.meta.dirname, '..', 'docs', 'images')
const SIZE = { width: 1280, height: 1180 }

/** Which picture shows the page to whom. */
const PICTURES = [
  { file: 'page.png', locale: 'en-GB' },
  { file: 'page.zh-CN.png', locale: 'zh-CN' },
] as const

const command = createCommand('screenshot', 'Takes the pictures of the page that the READMEs show.', [
  ['', 'all of them'],
]).action(async () => {
  const browser = await openBrowser()
  if (!browser) throw new Failure(`no browser: none of ${CHROMIUM.join(', ')} is there`, 'Install Chromium.')
  const place = await open()
  try {
    await tellStories(browser, place.url)
    for (const { file, locale } of PICTURES) await take(browser, place.url, locale, join(IMAGES, file))
  } finally {
    await browser.close()
    await place.close()
  }
})

async function open() {
  const simulator = createSimulator()
  const merchant = simulator.openMerchant()
  const running = await startSimulator(simulator)
  const stack = await startLocalStack({
    template: await packagedTemplate(console.log),
    wechatPayEndpoints: running.endpoints,
    merchants: [merchant.secret],
  })
  const page = await startPage({ running, merchants: [merchant], stack })
  const close = async () => {
    await page.close()
    await stack.close()
    await running.close()
  }
  return { url: page.url, close }
}

/** Told one after another by the page's own buttons; the last is the one that is looked at. */
const STORIES = ['old', 'unpaid', 'unknown', 'forged', 'paid', 'lost']

async function tellStories(browser: Browser, url: string) {
  const page = await browser.newPage({ viewport: SIZE, locale: 'en-GB' })
  await page.goto(url)
  for (const [index, story] of STORIES.entries()) {
    await page.locator(`[data-story="${story}"]`).click()
    await page.locator('.order').nth(index).waitFor()
  }
  await page.close()
}

async function take(browser: Browser, url: string, locale: string, path: string) {
  const page = await browser.newPage({ viewport: SIZE, locale, deviceScaleFactor: 1.5 })
  await page.goto(url)
  await page.locator('.detail .agrees').waitFor()
  await page.locator('.order .agrees').nth(3).waitFor()
  await page.screenshot({ path, animations: 'disabled' })
  await page.close()
  console.log(path)
}

await run(command)
