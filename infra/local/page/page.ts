/**
 * The page: everything that happens at this place, live, and a button for everything that can happen.
 *
 * Its data is one map of parts (parts.ts): the setting, the clock, WeChat Pay's plans and domains, the queue, the dead letters,
 * executions and events, and one part for each order: the books beside what the service says, and a timeline of every call.
 * `GET <token>/stream` (server-sent events) sends each part as `{key, value}` when it has changed, all of them at first, and
 * the event `ended` when the place is closed. `POST <token>/actions/<name>` does what a click asks for; what comes of it is seen
 * in the parts. `GET <token>/events` has the bus's events whole, for commands. `GET <token>/` is the page, its style and its scripts, served from `browser/` with their types stripped.
 * Who may ask is decided in access.ts. What is private never gets into a part: see private.ts and calls.ts.
 */
import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { transform } from 'esbuild'
import { readBody, serve } from '../http-server.ts'
import type { LocalStack } from '../stack.ts'
import type { MerchantWithKeys } from '../wechatpay/merchants.ts'
import type { RunningSimulator } from '../wechatpay/running.ts'
import { refuse, SECURITY_HEADERS } from './access.ts'
import { actionsOf, Refusal } from './actions.ts'
import { recordCalls } from './calls.ts'
import type { Place } from './place.ts'
import { followLogs } from './said.ts'
import { createStream } from './stream.ts'

export interface PageOptions {
  running: RunningSimulator
  /** The merchants whose orders are shown; the first one's are made here. */
  merchants: readonly [MerchantWithKeys, ...MerchantWithKeys[]]
  /** The service; without it the page shows WeChat Pay alone. */
  stack?: LocalStack
  /** 0: any free one. */
  port?: number
}

export interface Page {
  /** The address to open, its token included. */
  url: string
  /** Tells every open page that this is the end. */
  close(): Promise<void>
}

/** Serves the page on 127.0.0.1. Calls are recorded from now on: start it before the first one. */
export async function startPage({ running, merchants, stack, port = 0 }: PageOptions): Promise<Page> {
  const place: Place = {
    running,
    merchants,
    stack,
    calls: recordCalls(running.simulator),
    lines: stack ? followLogs(stack) : () => [],
    asked: [],
  }
  const token = randomBytes(16).toString('base64url')
  const stream = createStream(place)
  const actions = actionsOf(place)

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const refused = refuse(request, new URL(server.url).host, token)
    if (refused) return say(response, refused.status, { error: refused.because })
    const path = request.url!.slice(token.length + 2).replace(/\?.*/, '')
    if (request.method === 'POST') return act(path, request, response)
    if (path === 'stream') return stream.open(response)
    if (path === 'events' && stack) return sayEvents(stack, new URL(request.url!, server.url), response)
    const file = FILES[path]
    if (file === undefined) return say(response, 404, { error: 'not here' })
    response.writeHead(200, { ...SECURITY_HEADERS, 'Content-Type': TYPES[extname(file)]! }).end(await load(file))
  }

  const act = async (path: string, request: IncomingMessage, response: ServerResponse) => {
    const name = path.replace(/^actions\//, '')
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined
    if (!action || name === path) return say(response, 404, { error: `no action ${name}` })
    try {
      say(response, 200, (await action(JSON.parse(String(await readBody(request))))) ?? {})
    } catch (error) {
      const { name, message } = error as Error
      if (error instanceof Refusal) return say(response, error.status, { name, error: message })
      if (error instanceof SyntaxError) return say(response, 400, { error: 'the body is not JSON' })
      process.emitWarning(error as Error)
      say(response, 500, { error: 'that went wrong here: the terminal says why' })
    }
  }

  const server = await serve((request, response) => {
    answer(request, response).catch((error) => {
      process.emitWarning(error)
      response.destroy()
    })
  }, port)

  return {
    url: `${server.url}/${token}/`,
    close: async () => {
      await stream.end()
      await server.close()
    },
  }
}

function say(response: ServerResponse, status: number, body: unknown) {
  response.writeHead(status, { ...SECURITY_HEADERS, 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}

/** The bus's events whole, a JSON document a line, oldest first; `?after=<n>` leaves the first n out. */
function sayEvents({ eventBridge }: LocalStack, { searchParams }: URL, response: ServerResponse) {
  const lines = eventBridge
    .delivered(Number(searchParams.get('after') ?? 0))
    .map((event) => `${JSON.stringify(event)}\n`)
  response.writeHead(200, { ...SECURITY_HEADERS, 'Content-Type': 'application/x-ndjson' }).end(lines.join(''))
}

const BROWSER = join(import.meta.dirname, 'browser')

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ts': 'text/javascript; charset=utf-8',
}

/** What the page is made of: nothing else is served. */
const FILES: Readonly<Record<string, string>> = {
  '': 'index.html',
  ...Object.fromEntries(readdirSync(BROWSER).flatMap((name) => (extname(name) in TYPES ? [[name, name]] : []))),
}

async function load(file: string): Promise<string> {
  const text = await readFile(join(BROWSER, file), 'utf8')
  return extname(file) === '.ts' ? (await transform(text, { loader: 'ts', target: 'es2022' })).code : text
}
