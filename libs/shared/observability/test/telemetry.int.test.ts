import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const path = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))

type Answer = {
  over: { traceId?: string }
  inside: { traceId: string; spanId: string }
  sent: { traceparent: string }
}

async function runTraced(env: Record<string, string>): Promise<Answer> {
  const options = ['--conditions=@easel/source', '--import', path('telemetry.ts'), path('traced.ts')]
  const { stdout } = await promisify(execFile)(process.execPath, options, {
    env: { PATH: process.env.PATH, ...env },
  })
  return JSON.parse(stdout) as Answer
}

async function startCollector() {
  const received: { url: string | undefined; body: Buffer }[] = []
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      received.push({ url: request.url, body })
      response.end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

test('with an endpoint, spans of our own and of HTTP are sent in one trace', async () => {
  await using collector = await startCollector()

  const { over, inside, sent } = await runTraced({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })

  expect(collector.received.map(({ url }) => url)).toEqual(['/v1/traces'])
  const body = Buffer.concat(collector.received.map(({ body }) => body))
  const text = body.toString('latin1')
  for (const part of ['easel-fixture', 'outer', 'easel.answer', 'GET', '/fetched'])
    expect(text).toContain(part)
  expect(text.split(Buffer.from(traceId, 'hex').toString('latin1'))).toHaveLength(6)
  expect(text).not.toContain('hunter2')
  expect(text).not.toContain('command')
  expect([over.traceId, inside.traceId]).toEqual([traceId, traceId])
  expect(sent.traceparent).toBe(`00-${traceId}-${inside.spanId}-01`)
  expect(inside.spanId).not.toBe('b7ad6b7169203331')
})

test('without an endpoint nothing is sent, and the trace is carried all the same', async () => {
  const { inside, sent } = await runTraced({})

  expect(inside).toEqual({ traceId, spanId: 'b7ad6b7169203331' })
  expect(sent.traceparent).toContain(traceId)
})
