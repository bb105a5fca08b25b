import { once } from 'node:events'
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'

type Value = { stringValue?: string; intValue?: string | number; boolValue?: boolean }
type Attribute = { key: string; value: Value }
type Wire = {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  status?: { code?: number }
  attributes?: Attribute[]
  events?: { name: string; attributes?: Attribute[] }[]
}

export type Span = {
  readonly service: string
  readonly traceId: string
  readonly spanId: string
  readonly parent: string | undefined
  readonly name: string
  readonly failed: boolean
  readonly attributes: Readonly<Record<string, unknown>>
  readonly events: readonly { name: string; attributes: Readonly<Record<string, unknown>> }[]
}

export type Collector = AsyncDisposable & {
  /** Settings that make a program send its spans here. */
  readonly env: Readonly<Record<string, string>>
  readonly spans: readonly Span[]
}

/** Takes OTLP over HTTP as JSON, as a collector would. */
export async function startCollector(): Promise<Collector> {
  const spans: Span[] = []
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      spans.push(...readSpans(body as Body))
      response.end('{}')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    spans,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '200',
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

type Body = {
  resourceSpans?: { resource?: { attributes?: Attribute[] }; scopeSpans?: { spans?: Wire[] }[] }[]
}

function readSpans({ resourceSpans = [] }: Body): Span[] {
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) => {
    const service = String(read(resource?.attributes)['service.name'])
    return scopeSpans.flatMap(({ spans = [] }) => spans.map((span) => toSpan(service, span)))
  })
}

function toSpan(service: string, { traceId, spanId, parentSpanId, name, ...span }: Wire): Span {
  return {
    service,
    traceId,
    spanId,
    parent: parentSpanId || undefined,
    name,
    failed: span.status?.code === 2,
    attributes: read(span.attributes),
    events: (span.events ?? []).map((event) => ({ name: event.name, attributes: read(event.attributes) })),
  }
}

function read(attributes: readonly Attribute[] = []): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? value.boolValue ?? Number(value.intValue)]),
  )
}
