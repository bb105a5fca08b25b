import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway } from './support/start-gateway.ts'
import type { TestGateway } from './support/start-gateway.ts'

let server: TestGateway
beforeAll(async () => void (server = await startTestGateway()))
afterAll(() => server[Symbol.asyncDispose]())

const workflow = { '1': { class_type: 'EmptyImage', inputs: { width: 8, height: 8 } } }

test('a submitted job is accepted and can be read', async () => {
  const submitted = await server.call('/api/jobs', { method: 'POST', json: { workflow } })

  expect(submitted).toMatchObject({ status: 202, body: { status: 'queued' } })
  expect(submitted.headers.get('location')).toBe(`/api/jobs/${submitted.body.id}`)
  const read = await server.call(`/api/jobs/${submitted.body.id}`)
  expect(read).toMatchObject({ status: 200, body: submitted.body })
})

test('a seed of 64 bits keeps all its digits on the way in and out', async () => {
  const graph = '{"3":{"class_type":"KSampler","inputs":{"seed":18446744073709551615}}}'

  const { body } = await server.call('/api/jobs', {
    method: 'POST',
    body: `{"workflow":${graph}}`,
    headers: { 'content-type': 'application/json' },
  })

  const { text } = await server.call(`/api/jobs/${body.id}/graph`)
  expect(text).toContain('"seed":18446744073709551615')
})

test('waiting gives the finished job with 200', async () => {
  const waiting = server.call('/api/jobs', {
    method: 'POST',
    json: { workflow, name: 'waited for' },
    headers: { prefer: 'wait=20' },
  })
  const id = await submittedAs('waited for')
  await server.peers.changeJob(id, { status: 'succeeded' })

  expect(await waiting).toMatchObject({ status: 200, body: { id, status: 'succeeded' } })
})

test('a wait that is over gives the job as it is', async () => {
  const answer = await server.call('/api/jobs', {
    method: 'POST',
    json: { workflow },
    headers: { prefer: 'wait=1' },
  })

  expect(answer).toMatchObject({ status: 202, body: { status: 'queued' } })
})

test('the key of a request and the hash of its body go to inference', async () => {
  const headers = { 'idempotency-key': 'once' }
  await server.call('/api/jobs', { method: 'POST', json: { workflow, name: 'keyed' }, headers })

  const { submitted } = server.peers.jobs.get(await submittedAs('keyed'))!
  expect(submitted.idempotencyKey).toBe('once')
  expect(submitted.idempotencyHash).toMatch(/^[0-9a-f]{64}$/)
})

test('an unknown field is refused by its name', async () => {
  const answer = await server.call('/api/jobs', {
    method: 'POST',
    json: { workflow, idempotencyKey: 'x', sedd: 1 },
  })
  const other = await server.call('/api/jobs', { method: 'POST', json: { workflow, sedd: 1 } })

  expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: 'idempotencyKey' }] } })
  expect(other).toMatchObject({
    status: 422,
    body: { code: 'INVALID_INPUT', errors: [{ path: 'sedd', message: 'is not a known field' }] },
  })
})

test('a space by its short name is where the job goes', async () => {
  const space = await server.call('/api/spaces', { method: 'POST', json: { name: 'Team', slug: 'team-a' } })

  const job = await server.call('/api/jobs', {
    method: 'POST',
    json: { workflow },
    headers: { 'x-space': 'team-a' },
  })

  expect(space.status).toBe(201)
  expect(job).toMatchObject({ status: 202, body: { spaceId: space.body.id } })
})

test('another user finds neither the job nor the space', async () => {
  const { body } = await server.call('/api/jobs', { method: 'POST', json: { workflow } })
  const stranger = await server.addUser('stranger@example.com')

  const read = await server.call(`/api/jobs/${body.id}`, { key: stranger.key })
  const written = await server.call('/api/jobs', {
    method: 'POST',
    key: stranger.key,
    json: { workflow },
    headers: { 'x-space': body.spaceId },
  })

  expect(read).toMatchObject({ status: 404, body: { code: 'JOB_NOT_FOUND' } })
  expect(written).toMatchObject({ status: 404, body: { code: 'SPACE_NOT_FOUND' } })
})

async function submittedAs(name: string): Promise<string> {
  const { waitFor } = await import('@easel/testing')
  return waitFor(() => {
    for (const [id, { submitted }] of server.peers.jobs) if (submitted.name === name) return id
    return undefined
  })
}
