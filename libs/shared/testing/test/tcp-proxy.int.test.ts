import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { tcpProxy, throughProxy, waitFor, type TcpProxy } from '../src/index.ts'

let echo: Server
let proxy: TcpProxy
let received = ''

beforeEach(async () => {
  received = ''
  echo = createServer((socket) => {
    socket.on('data', (chunk) => {
      received += String(chunk)
      socket.write(chunk)
    })
    socket.on('error', () => socket.destroy())
  })
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
  proxy = await tcpProxy({ target: { port: (echo.address() as AddressInfo).port } })
})

afterEach(async () => {
  await proxy[Symbol.asyncDispose]()
  echo.close()
})

test('bytes pass in both directions', async () => {
  const client = await open()

  expect(await ask(client, 'hello')).toBe('hello')
  expect(proxy.connections).toBe(1)
})

test('a delay applies to connections that exist already', async () => {
  const client = await open()
  await ask(client, 'warm')
  proxy.set({ delayMs: 60 })

  const started = performance.now()
  await ask(client, 'slow')

  expect(performance.now() - started).toBeGreaterThanOrEqual(110)
})

test('a one-way hole lets the question through and swallows the answer', async () => {
  const client = await open()
  proxy.set({ blackhole: 'toClient' })
  const answered = once(client, 'data')

  client.write('lost')

  await waitFor(() => received === 'lost', { describe: 'the question to arrive' })
  expect(await Promise.race([answered, delay(50, 'silence')])).toBe('silence')
  expect(client.destroyed).toBe(false)
})

test('a connection is cut after exactly so many bytes', async () => {
  proxy.set({ cutAfterBytes: 3 })
  const client = await open()
  let got = ''
  client.on('data', (chunk) => (got += String(chunk)))
  const closed = closing(client)

  client.write('abcdef')

  await closed
  expect('abc').toContain(got)
  expect(got.length).toBeLessThanOrEqual(3)
})

test('reset ends every connection, and new ones work', async () => {
  const client = await open()
  await ask(client, 'one')
  const closed = closing(client)

  proxy.reset()

  await closed
  expect(await ask(await open(), 'two')).toBe('two')
})

test('while it refuses, connections are reset, and afterwards they are not', async () => {
  proxy.set({ refuse: true })
  const refused = connect(proxy.port, proxy.host)
  refused.on('error', () => {}) // the reset, which is to be seen by its `close`
  await closing(refused)

  proxy.set({})

  expect(await ask(await open(), 'again')).toBe('again')
})

test('a URL through the proxy keeps everything but its address', () => {
  const url = throughProxy('nats://user:pass@10.0.0.1:4222/path?x=1', { host: '127.0.0.1', port: 9 })

  expect(url).toBe('nats://user:pass@127.0.0.1:9/path?x=1')
})

async function open(): Promise<Socket> {
  const socket = connect(proxy.port, proxy.host)
  socket.on('error', () => socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** Unlike `once`, it does not take the error before the end for an answer. */
function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

async function ask(socket: Socket, text: string): Promise<string> {
  const answer = once(socket, 'data')
  socket.write(text)
  const [chunk] = await answer
  return String(chunk)
}
