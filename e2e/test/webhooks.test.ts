import { recordedServer, waitFor } from '@easel/testing'
import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { colourGraph } from '../support/graphs.ts'
import { must } from '../support/people.ts'
import { startServices } from '../support/services.ts'
import { bootstrapKey } from '../support/standalone.ts'
import type { RecordedRequest, RecordedServer } from '@easel/testing'
import type { Services } from '../support/services.ts'

let services: Services
let receiver: RecordedServer
let api: Api

beforeAll(async () => {
  services = await startServices()
  receiver = await recordedServer({ 'POST /hook': { status: 200 }, 'POST /job': { status: 200 } })
  api = new Api(services.url, bootstrapKey)
}, 120_000)
afterAll(async () => {
  await services?.[Symbol.asyncDispose]()
  await receiver?.[Symbol.asyncDispose]()
})

test('every end of a job arrives, in order and signed, though the gateway is killed again and again', async () => {
  receiver.on('POST /hook', { status: 503 }, { status: 503 }, { status: 200 })
  const url = `${receiver.url}/hook`
  const { secret } = await must(api.send('POST', '/api/webhooks', { url, events: ['job.*'] }), 201)
  const jobs: string[] = []

  for (let round = 0; round < 3; round++) {
    for (let count = 0; count < 5; count++) {
      jobs.push(await api.submit(colourGraph(count), { webhookUrl: `${receiver.url}/job` }))
    }
    await services.killAndRestart('gateway')
  }

  const expected = ['job.queued', 'job.running', 'job.succeeded']
  await waitFor(() => jobs.every((job) => typesOf('/hook', job).length === 3), { timeoutMs: 60_000 })
  for (const job of jobs) expect(typesOf('/hook', job)).toEqual(expected)
  await waitFor(() => jobs.every((job) => typesOf('/job', job).length === 1), { timeoutMs: 60_000 })
  for (const job of jobs) expect(typesOf('/job', job)).toEqual(['job.succeeded'])
  const hooks = receiver.requests.filter(({ path }) => path === '/hook')
  for (const request of hooks) expect(isSigned(request, String(secret))).toBe(true)
}, 180_000)

/** The types of events about a job, in the order in which each was heard first. */
function typesOf(path: string, job: string): string[] {
  const events = receiver.requests
    .filter((request) => request.path === path)
    .map(({ body }) => JSON.parse(body.toString()) as { type: string; data: { id: string } })
  return [...new Set(events.filter(({ data }) => data.id === job).map(({ type }) => type))]
}

function isSigned({ headers, body }: RecordedRequest, secret: string): boolean {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body.toString()}`
  return headers['webhook-signature'] === `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
}
