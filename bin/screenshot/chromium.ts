import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** Where a system keeps its Chromium. */
export const CHROMIUM = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The system's own Chromium, without a window; undefined when there is none. */
export async function openBrowser(): Promise<Browser | undefined> {
  const executablePath = CHROMIUM.find(existsSync)
  return executablePath === undefined ? undefined : chromium.launch({ executablePath, args: ARGS })
}
