import { once } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import { LiveStream } from './live-stream.ts'
import type { AddressInfo } from 'node:net'
import type { EaselEvent } from '@easel/client'
import type { WebSocket as ServerSocket } from 'ws'
import type { LiveOptions } from './live-stream.ts'

const space = '0198c0de-0000-7000-8000-000000000001'
const open: AsyncDisposable[] = []

afterEach(async () => {
  for (const each of open.splice(0)) await each[Symbol.asyncDispose]()
})

test('events of the space and of everybody are heard, those of other spaces are not', async () => {
  const { server, heard } = await aStream()
  server.say({ id: '1', type: 'job.queued', spaceId: space, data: { id: 'a' } })
  server.say({ id: '2', type: 'job.queued', spaceId: 'another', data: { id: 'b' } })
  server.say({ id: '3', type: 'library.file-added', spaceId: null, data: { id: 'c' } })

  await until(() => heard.length === 2)

  expect(heard.map(({ type }) => type)).toEqual(['job.queued', 'library.file-added'])
})

test('after a lost connection the stream goes on after the last event, be it of another space', async () => {
  const { server, stream, heard } = await aStream()
  server.say({ id: '7', type: 'job.queued', spaceId: 'another', data: {} })
  server.say({ id: '6', type: 'job.running', spaceId: space, data: {} })
  await until(() => heard.length === 1)

  server.cut()
  await until(() => stream.state() === 'lost')
  stream.retryNow()

  await until(() => stream.state() === 'live')
  expect(server.asked.at(-1)).toContain('after=6')
})

test('what comes between two frames is told at once, of progress only the newest', async () => {
  const runs: (() => void)[] = []
  const { server, batches } = await aStream({ schedule: (run) => runs.push(run) })
  for (let step = 1; step <= 500; step++) {
    server.say({ type: 'job.progress', spaceId: space, data: { jobId: 'a', step } })
    server.say({ type: 'job.progress', spaceId: space, data: { jobId: 'b', step } })
  }
  server.say({ id: '1', type: 'job.succeeded', spaceId: space, data: { id: 'a' } })
  server.say({ type: 'stream.alive' })
  await server.wasRead()

  expect(runs).toHaveLength(1)
  runs[0]!()

  expect(batches).toHaveLength(1)
  expect(batches[0]!.map(({ type, data }) => [type, (data as { step?: number }).step])).toEqual([
    ['job.progress', 500],
    ['job.progress', 500],
    ['job.succeeded', undefined],
  ])
})

test('more than a page can take is a gap', async () => {
  const runs: (() => void)[] = []
  const { server, stream, batches } = await aStream({ schedule: (run) => runs.push(run) })
  let gaps = 0
  stream.listen({ gap: () => gaps++ })
  for (let at = 1; at <= 5_001; at++)
    server.say({ id: String(at), type: 'job.queued', spaceId: space, data: {} })
  await server.wasRead()
  runs[0]!()

  expect(gaps).toBe(1)
  expect(batches).toEqual([])
})

test('a server that says nothing is asked for a word, and given up when it has none', async () => {
  const { server, stream } = await aStream({ silenceMs: 50, answerMs: 200 })
  await until(() => server.words.length >= 2)
  expect(stream.state()).toBe('live')

  server.mute()

  await until(() => stream.state() === 'lost')
})

test('revoked credentials end the stream, and nothing is tried until somebody is back', async () => {
  let ended = 0
  const { server, stream } = await aStream({ onEnded: () => ended++ })
  server.socket().close(1008, 'revoked')
  await until(() => stream.state() === 'ended')
  expect(ended).toBe(1)
  expect(server.asked).toHaveLength(1)

  stream.retryNow()

  await until(() => stream.state() === 'live')
})

test('a refused connection ends the stream only when the log-in is over', async () => {
  let isLoggedIn = true
  const { server, stream } = await aStream({ isLoggedIn: async () => isLoggedIn })
  server.refuse()
  server.cut()
  await until(() => stream.state() === 'lost')

  isLoggedIn = false
  stream.retryNow()

  await until(() => stream.state() === 'ended')
  expect(server.asked).toHaveLength(1)
})

test('a stream that was closed stays closed', async () => {
  const { server, stream } = await aStream()
  stream.close()
  stream.retryNow()
  await once(server.socket(), 'close')

  expect(server.asked).toHaveLength(1)
})

/** A stream that is live, and the server at its other end. */
async function aStream(options: Partial<LiveOptions> = {}) {
  const server = await aServer()
  const stream = new LiveStream({
    url: () => new URL(server.url),
    isLoggedIn: async () => true,
    schedule: (run) => void setImmediate(run),
    ...options,
  })
  open.push({
    async [Symbol.asyncDispose]() {
      stream.close()
      await server.stop()
    },
  })
  const heard: EaselEvent[] = []
  const batches: (readonly EaselEvent[])[] = []
  stream.listen({ event: (event) => heard.push(event), events: (events) => batches.push(events) })
  stream.open(space)
  await until(() => stream.state() === 'live')
  return { server, stream, heard, batches }
}

async function aServer() {
  let isRefusing = false
  let isMute = false
  const asked: string[] = []
  const words: string[] = []
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', verifyClient: () => !isRefusing })
  await once(server, 'listening')
  let socket: ServerSocket | undefined
  server.on('connection', (now, request) => {
    socket = now
    asked.push(request.url ?? '')
    now.send(JSON.stringify({ type: 'hello', id: '0' }))
    now.on('message', (data: Buffer) => {
      words.push(data.toString())
      if (!isMute) now.send(JSON.stringify({ type: 'stream.alive' }))
    })
  })
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/api/events`,
    asked,
    words,
    socket: () => socket!,
    say: (event: object) => socket!.send(JSON.stringify(event)),
    cut: () => socket!.terminate(),
    mute: () => (isMute = true),
    refuse: () => (isRefusing = true),
    /** Everything that was said has reached the other end: it answers pings in order. */
    async wasRead() {
      const answered = once(socket!, 'pong')
      socket!.ping()
      await answered
    },
    async stop() {
      for (const client of server.clients) client.terminate()
      await new Promise((stopped) => server.close(stopped))
    },
  }
}

/** Resolves when it holds. */
const until = (holds: () => boolean) =>
  vi.waitFor(() => expect(holds()).toBe(true), { timeout: 10_000, interval: 5 })
