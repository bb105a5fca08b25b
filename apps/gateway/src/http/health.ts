import { readiness } from '@easel/observability'
import type { Checks, Logger, Metrics } from '@easel/observability'
import type { FastifyInstance } from 'fastify'

export type HealthParts = { readonly checks: Checks; readonly metrics: Metrics; readonly log: Logger }

/** For whoever looks after the process: alive, ready, and how much. */
export function serveHealth(server: FastifyInstance, { checks, metrics, log }: HealthParts): () => void {
  const ask = readiness(checks, { log })
  let draining = false
  server.get('/healthz', (_request, reply) => reply.send({ alive: true }))
  server.get('/readyz', async (_request, reply) => {
    const { ready, checks: results } = await ask()
    const open = ready && !draining
    reply.header('cache-control', 'no-store').code(open ? 200 : 503)
    return { ready: open, checks: results }
  })
  server.get('/metrics', async (_request, reply) => {
    const text = await metrics.text()
    return reply.type(metrics.contentType).send(text)
  })
  return () => void (draining = true)
}
