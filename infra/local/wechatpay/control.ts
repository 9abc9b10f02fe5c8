import type { ServerResponse } from 'node:http'
import { Mistake } from './control-bodies.ts'
import { type Route, routes } from './control-routes.ts'
import type { RunningSimulator } from './running.ts'

interface ControlRequest {
  method: string
  target: string
  body: Buffer
  /** Why it is refused whatever it asks for; see `foreign`. */
  refused: string | undefined
}

function match({ method, path }: Route, request: ControlRequest, parts: string[]): string[] | null {
  const wanted = path.split('/')
  if (method !== request.method || wanted.length !== parts.length) return null
  const isSame = wanted.every((part, index) => part.startsWith(':') || part === parts[index])
  return isSame ? parts.filter((_, index) => wanted[index]!.startsWith(':')) : null
}

async function answer(running: RunningSimulator, request: ControlRequest): Promise<unknown> {
  if (request.refused !== undefined) throw new Mistake(403, request.refused)
  const [pathname = '', search = ''] = request.target.split('?')
  const parts = pathname.replace(/\/$/, '').split('/').map(decodeURIComponent)
  for (const route of routes) {
    const path = match(route, request, parts)
    if (!path) continue
    const body: unknown = request.body.length > 0 ? JSON.parse(request.body.toString()) : {}
    return route.answer({ running, path, query: new URLSearchParams(search), body })
  }
  throw new Mistake(404, `no ${request.method} ${pathname}: GET /simulator lists what there is`)
}

/** Answers one request to the control API. It never ends the connection but with an answer. */
export async function answerControl(running: RunningSimulator, request: ControlRequest, response: ServerResponse) {
  let status = 200
  const body = await answer(running, request).catch((error: Error) => {
    status = error instanceof Mistake ? error.status : 400
    return { error: error.message }
  })
  response
    .writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' })
    .end(`${JSON.stringify(body, null, 2)}\n`)
}
