import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import type { Metrics } from './metrics.ts'
import { readiness } from './readiness.ts'
import type { Checks } from './readiness.ts'

export type HealthServerOptions = {
  host: string
  /** 0 takes a free one. */
  port: number
  checks: Checks
  metrics?: Metrics
  log?: Logger
}

export type HealthServer = AsyncDisposable & {
  readonly port: number
  /** From now on not ready: load balancers look elsewhere while the rest is finished. */
  drain(): void
}

type Answer = { status: number; type: string; body: string }

/** `/healthz` (alive), `/readyz` (each part answers; 503 if one does not) and `/metrics`, on a port of their own. */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const { host, port, checks, metrics, log } = options
  const ready = readiness(checks, log ? { log } : {})
  let draining = false

  const pages: Readonly<Record<string, () => Promise<Answer>>> = {
    '/healthz': async () => json(200, { alive: true }),
    '/readyz': async () => {
      if (draining) return json(503, { ready: false, draining })
      const state = await ready()
      return json(state.ready ? 200 : 503, state)
    },
    '/metrics': async () => {
      if (!metrics) return json(404, {})
      return { status: 200, type: metrics.contentType, body: await metrics.text() }
    },
  }
  const server = createServer((request, response) => {
    answer(pages, request).then(
      (page) => send(response, page),
      (cause: unknown) => {
        log?.error({ err: cause }, 'a health page failed')
        send(response, json(500, {}))
      },
    )
  })
  server.listen(port, host)
  await once(server, 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    drain: () => {
      draining = true
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(pages: Readonly<Record<string, () => Promise<Answer>>>, request: IncomingMessage) {
  const path = (request.url ?? '').split('?', 1)[0] ?? ''
  const page = request.method === 'GET' && Object.hasOwn(pages, path) ? pages[path] : undefined
  return page ? page() : json(404, {})
}

function json(status: number, body: object): Answer {
  return { status, type: 'application/json', body: JSON.stringify(body) }
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
}
