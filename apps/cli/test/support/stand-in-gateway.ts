import {
  recordedServer,
  type RecordedAnswer,
  type RecordedRequest,
  type RecordedServer,
} from '@easel/testing'
import { stringifyJson } from '@easel/protocol'
import type { DownloadView, JobOutput, JobView, NewKey } from '@easel/client'

/** Stands in for the gateway: gives its answers, and keeps what was asked. Knows one job, one asset, one key. */
export type StandIn = RecordedServer & {
  readonly key: string
  /** The bodies that were sent to a route, parsed; and how often it was called. */
  bodies(route: string): unknown[]
  requestsTo(route: string): RecordedRequest[]
}

export const key = 'esl_0123456789abcdef0123456789abcdef'
export const jobId = '0193b3a2-0000-7000-8000-000000000001'
export const assetId = '0193b3a2-0000-5000-8000-0000000000aa'
const spaceId = '0193b3a2-0000-7000-8000-00000000005a'
const userId = '0193b3a2-0000-7000-8000-0000000000ff'
const time = '2026-11-20T10:00:00.000Z'

export async function standInGateway(): Promise<StandIn> {
  const server = await recordedServer()
  const requestsTo = (route: string) =>
    server.requests.filter(({ method, path }) => `${method} ${path.split('?')[0]}` === route)
  return Object.assign(server, {
    key,
    requestsTo,
    bodies: (route: string) => requestsTo(route).map(({ body }) => JSON.parse(body.toString()) as unknown),
  })
}

export function aJob(overrides: Partial<JobView> = {}): JobView {
  return {
    id: jobId,
    kind: 'workflow',
    status: 'queued',
    phase: null,
    progress: null,
    position: 1,
    etaSeconds: null,
    priority: 'interactive',
    pool: 'default',
    outputs: [],
    timings: {},
    attempts: [],
    error: null,
    warnings: [],
    usage: { gpuSeconds: 0, costMicros: 0 },
    spaceId,
    createdBy: userId,
    createdAt: time,
    ...overrides,
  }
}

export function anOutput(overrides: Partial<JobOutput> = {}): JobOutput {
  return {
    index: 0,
    assetId,
    kind: 'image',
    mime: 'image/png',
    node: '3',
    key: 'images',
    filename: 'hello_00001_.png',
    width: 64,
    height: 64,
    bytes: 7,
    hash: 'blake3:00',
    text: null,
    temporary: false,
    url: `/api/assets/${assetId}/content`,
    ...overrides,
  }
}

export function aDownload(overrides: Partial<DownloadView> = {}): DownloadView {
  return {
    id: '0193b3a2-0000-7000-8000-0000000000d1',
    source: 'url',
    url: 'https://example.org/castle.safetensors',
    status: 'queued',
    folder: 'loras',
    filename: 'castle.safetensors',
    bytesTotal: 4096,
    bytesDone: 0,
    verification: 'pending',
    attempts: 1,
    priority: 0,
    error: null,
    spaceId,
    createdBy: userId,
    createdAt: time,
    ...overrides,
  }
}

export function me() {
  return {
    id: userId,
    email: 'ada@example.org',
    name: 'Ada',
    role: 'member',
    personalSpaceId: spaceId,
    spaces: [{ id: spaceId, slug: 'ada', role: 'owner' }],
    scopes: ['jobs:read', 'jobs:write'],
  }
}

export function aNewKey(): NewKey {
  return {
    id: '0193b3a2-0000-7000-8000-0000000000e1',
    name: 'easel on here',
    hint: 'esl_01…ef',
    scopes: ['jobs:read'],
    createdAt: time,
    key,
  }
}

export function problem(status: number, code: string, more: Record<string, unknown> = {}): RecordedAnswer {
  const body = { type: 'about:blank', title: 'Error', status, code, detail: `It is ${code}`, ...more }
  return { status, headers: { 'content-type': 'application/problem+json' }, body }
}

/** The events of a job, as the gateway streams them; the stream ends behind the last. */
export function events(...told: readonly (readonly [type: string, data: unknown])[]): RecordedAnswer {
  const text = told.map(
    ([type, data]) => `event: ${type}\ndata: ${stringifyJson({ type, time, spaceId, data })}\n\n`,
  )
  return {
    headers: { 'content-type': 'text/event-stream; charset=utf-8' },
    body: `retry: 2000\n\n: ping\n\n${text.join('')}`,
  }
}

/** A job that runs through: submitted, followed, its one output fetched. */
export function standsForJob(server: StandIn, ended: Partial<JobView> = {}): JobView {
  const done = aJob({
    status: 'succeeded',
    position: null,
    outputs: [anOutput()],
    timings: { totalMs: 1234 },
    ...ended,
  })
  server.on('POST /api/jobs', { status: 202, body: aJob() })
  server.on(`GET /api/jobs/${jobId}`, { body: aJob({ status: 'running', position: null }) }, { body: done })
  server.on(
    `GET /api/jobs/${jobId}/events`,
    events(
      ['job.running', aJob({ status: 'running', position: null })],
      ['job.progress', { jobId, attempt: 1, phase: 'generating', value: 0.5, node: '2', step: 1, steps: 2 }],
      [`job.${done.status}`, done],
    ),
  )
  server.on(`GET /api/assets/${assetId}/content`, { body: Buffer.from('picture') })
  return done
}
