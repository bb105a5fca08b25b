import { createClient } from '@easel/bus'
import { AppError } from '@easel/protocol'
import { expect, test } from 'vitest'
import { serveStudio, startBus, studio } from './support/sample.ts'
import type { Actor } from '@easel/protocol'

const actor: Actor = {
  userId: 'u1',
  role: 'member',
  personalSpaceId: 's1',
  spaces: { s1: 'owner' },
  scopes: ['jobs:read'],
}

test('a call carries its input, the actor and the time that is left', async () => {
  await using nats = await startBus()
  const server = await serveStudio(nats.bus, {
    async paint({ title, graph }, context) {
      expect(context.remainingMs).toBeGreaterThan(1_000)
      expect(context.remainingMs).toBeLessThanOrEqual(2_000)
      return { title, graph, by: context.actor!.userId }
    },
  })
  const client = createClient(nats.bus, studio)

  const painting = await client.paint(
    { title: 'sky', graph: { '3': { seed: 18446744073709551615n } } },
    { actor, timeoutMs: 2_000 },
  )

  expect(painting).toEqual({ title: 'sky', by: 'u1', graph: { '3': { seed: 18446744073709551615n } } })
  await server.close()
})

test('every fault of an input is named with its path, and unknown fields too', async () => {
  await using nats = await startBus()
  const server = await serveStudio(nats.bus, {})
  const client = createClient(nats.bus, studio)

  const error = await client
    .paint({ title: '', size: { width: 101 }, colour: 'red' } as never)
    .catch(AppError.from)

  expect(error).toMatchObject({ code: 'invalid', reason: 'INVALID_INPUT' })
  expect((error as AppError).extra.faults!.map(({ path }) => path).sort()).toEqual([
    'colour',
    'size.width',
    'title',
  ])
  await server.close()
})

test('a named error arrives whole, an unexpected one without its text', async () => {
  await using nats = await startBus()
  const server = await serveStudio(nats.bus, {
    async paint() {
      throw new AppError('exhausted', 'No paint left', { reason: 'NO_PAINT', retryAfterMs: 50 })
    },
    async look() {
      throw new Error('secret: /etc/passwd')
    },
  })
  const client = createClient(nats.bus, studio)

  await expect(client.paint({ title: 'a' })).rejects.toMatchObject({
    code: 'exhausted',
    message: 'No paint left',
    extra: { reason: 'NO_PAINT', retryAfterMs: 50 },
  })
  await expect(client.look({ title: 'a' })).rejects.toMatchObject({
    code: 'internal',
    message: 'Internal error',
  })
  await server.close()
})

test('an answer that breaks the contract is an error in tests', async () => {
  await using nats = await startBus()
  const server = await serveStudio(nats.bus, { look: async () => ({ title: 5 }) as never })

  await expect(createClient(nats.bus, studio).look({ title: 'a' })).rejects.toMatchObject({
    code: 'internal',
  })
  await server.close()
})

test('a call that nobody serves is unavailable at once, not after its deadline', async () => {
  await using nats = await startBus()
  const startedAt = performance.now()

  await expect(createClient(nats.bus, studio).look({ title: 'a' })).rejects.toMatchObject({
    code: 'unavailable',
    extra: { reason: 'NOBODY_LISTENS' },
  })
  expect(performance.now() - startedAt).toBeLessThan(3_000)
})

test('a call that reached nobody is repeated when the service comes up within the deadline', async () => {
  await using nats = await startBus()
  const calling = createClient(nats.bus, studio).paint({ title: 'a' })
  const server = await serveStudio(nats.bus, { paint: async ({ title }) => ({ title }) })

  await expect(calling).resolves.toEqual({ title: 'a' })
  await server.close()
})

test('a handler that hangs ends in the deadline of its caller', async () => {
  await using nats = await startBus()
  const released = Promise.withResolvers<void>()
  const server = await serveStudio(nats.bus, {
    async look({ title }) {
      await released.promise
      return { title }
    },
  })

  const call = createClient(nats.bus, studio).look({ title: 'a' }, { timeoutMs: 100 })

  await expect(call).rejects.toMatchObject({ code: 'deadline' })
  released.resolve()
  await server.close()
})

test('closing a server lets the calls under way end', async () => {
  await using nats = await startBus()
  const entered = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const server = await serveStudio(nats.bus, {
    async paint({ title }) {
      entered.resolve()
      await released.promise
      return { title }
    },
  })
  const call = createClient(nats.bus, studio).paint({ title: 'a' })
  await entered.promise

  const closing = server.close()
  released.resolve()

  await expect(call).resolves.toEqual({ title: 'a' })
  await closing
})

test('an aborted call rejects with the reason of its signal', async () => {
  await using nats = await startBus()
  const server = await serveStudio(nats.bus, { look: () => new Promise(() => {}) })
  const abort = new AbortController()
  const call = createClient(nats.bus, studio).look({ title: 'a' }, { signal: abort.signal })

  abort.abort(new AppError('deadline', 'The browser went away', { reason: 'CLIENT_GONE' }))

  await expect(call).rejects.toMatchObject({ code: 'deadline', extra: { reason: 'CLIENT_GONE' } })
  await server.close().catch(() => {})
})
