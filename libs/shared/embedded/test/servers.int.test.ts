import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, expect, test } from 'vitest'
import { freePort, startNats, startPostgres, startRedis, startServers, type Servers } from '../src/index.ts'

const holder = join(import.meta.dirname, 'support/hold-servers.ts')
const cleanUps: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

/** A folder of mode 0700, as `mkdtemp` makes them: as root, Postgres's own user may not enter it. */
async function newHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'easel-home-'))
  // A Postgres that lost its owner may still be writing while it stops.
  cleanUps.push(() => rm(home, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 }))
  return home
}

test('the three servers start, keep their data over a restart, and stop', async () => {
  const home = await newHome()
  {
    await using servers = await startServers({ home, unsafe: false })
    expect(await redis(servers.urls.redis, 'SET kept yes')).toContain('+OK')
    expect(await natsGreeting(servers.urls.nats)).toMatchObject({ jetstream: true, auth_required: true })
  }
  await using again = await startServers({ home })

  expect(await redis(again.urls.redis, 'GET kept')).toContain('yes')
  expect(await postgresAnswers(again.urls.postgres)).toBe(true)
  await again[Symbol.asyncDispose]()
  await expect(reach(again.urls.postgres)).rejects.toThrow('ECONNREFUSED')
  await expect(reach(again.urls.nats)).rejects.toThrow('ECONNREFUSED')
  await expect(reach(again.urls.redis)).rejects.toThrow('ECONNREFUSED')
})

test('passwords are kept in a file that only its owner may read, and so are configurations', async () => {
  const home = await newHome()
  await using _servers = await startServers({ home })

  for (const file of ['servers.json', 'nats/nats.conf', 'redis/redis.conf']) {
    expect((await stat(join(home, file))).mode & 0o777).toBe(0o600)
  }
})

test('nothing is started for a server whose URL is given', async () => {
  const home = await newHome()
  await using servers = await startServers({
    home,
    urls: { postgres: 'postgresql://elsewhere', nats: 'nats://elsewhere' },
  })

  expect(servers.urls).toMatchObject({ postgres: 'postgresql://elsewhere', nats: 'nats://elsewhere' })
  await expect(stat(join(home, 'postgres'))).rejects.toThrow('ENOENT')
  expect(await redis(servers.urls.redis, 'PING')).toContain('PONG')
})

test('Redis refuses who has no password', async () => {
  const home = await newHome()
  await using server = await startRedis({ dataDirectory: home, password: 'secret' })

  expect(await redis(`redis://127.0.0.1:${server.port}`, 'PING')).toContain('NOAUTH')
})

test('a server that dies is noticed', async () => {
  const home = await newHome()
  const { promise, resolve } = Promise.withResolvers<string>()
  await using _servers = await startServers({ home, onExit: (name) => resolve(name) })

  const { pid } = JSON.parse(await readFile(join(home, 'nats/easel.pid'), 'utf8'))
  process.kill(pid, 'SIGKILL')

  expect(await promise).toBe('nats')
})

test('servers end with their owner even when it is killed, and start again', async () => {
  const home = await newHome()
  const { owner, urls } = await holdServers(home)

  owner.kill('SIGKILL')
  await once(owner, 'exit')

  await untilRefused(urls.postgres)
  await untilRefused(urls.nats)
  await untilRefused(urls.redis)
  await using again = await startServers({ home })
  expect(await postgresAnswers(again.urls.postgres)).toBe(true)
})

test('a home whose servers run for someone else is refused, and they keep running', async () => {
  const home = await newHome()
  const { urls } = await holdServers(home)

  await expect(startServers({ home })).rejects.toMatchObject({ code: 'conflict' })

  expect(await postgresAnswers(urls.postgres)).toBe(true)
  expect(await redis(urls.redis, 'PING')).toContain('PONG')
})

test('a server that outlived its owner is stopped before the next one starts', async () => {
  const home = await newHome()
  const first = await startRedis({ dataDirectory: home, password: 'secret' })
  cleanUps.push(() => first[Symbol.asyncDispose]())
  // As it looks when the owner was another process, which is gone.
  await writeFile(join(home, 'easel.pid'), JSON.stringify({ pid: first.pid, owner: 2 ** 22 + 1 }))

  await using second = await startRedis({ dataDirectory: home, password: 'secret' })

  expect(second.pid).not.toBe(first.pid)
  expect(await first.exited).toEqual({ code: 0, signal: null })
  expect(await redis(second.url, 'PING')).toContain('PONG')
})

test('a stale pid file with the id of a stranger harms neither', async () => {
  const home = await newHome()
  const stranger = spawn('sleep', ['60'])
  cleanUps.push(() => stranger.kill('SIGKILL'))
  await writeFile(join(home, 'easel.pid'), JSON.stringify({ pid: stranger.pid, owner: 1 }))

  await using server = await startRedis({ dataDirectory: home, password: 'secret' })

  expect(await redis(server.url, 'PING')).toContain('PONG')
  expect(stranger.exitCode).toBeNull()
})

test('Postgres starts after it was killed, though its own lock names a process that lives', async () => {
  const home = await newHome()
  const dataDirectory = join(home, 'postgres')
  const first = await startPostgres({ dataDirectory, password: 'secret' })
  process.kill(first.pid, 'SIGKILL')
  await first.exited
  const lock = join(dataDirectory, 'postmaster.pid')
  await writeFile(lock, (await readFile(lock, 'utf8')).replace(/^\d+/, String(process.pid)))

  await using second = await startPostgres({ dataDirectory, password: 'secret' })

  expect(await postgresAnswers(second.url)).toBe(true)
})

test('a Postgres data directory that was cut short while it was made is made anew', async () => {
  const home = await newHome()
  const dataDirectory = join(home, 'postgres')
  await chmod(home, 0o755)
  await writeFile(`${dataDirectory}.building`, '')

  await using server = await startPostgres({ dataDirectory, password: 'secret', unsafe: true })

  expect(await postgresAnswers(server.url)).toBe(true)
})

test('Postgres leaves a directory alone that holds something else', async () => {
  const home = await newHome()
  await writeFile(join(home, 'letter.txt'), 'dear')

  await expect(startPostgres({ dataDirectory: home, password: 'secret' })).rejects.toThrow(/neither empty/)

  expect(await readFile(join(home, 'letter.txt'), 'utf8')).toBe('dear')
})

test('a port that is taken is an error that says so', async () => {
  const home = await newHome()
  const squatter = createServer().listen(0, '127.0.0.1')
  cleanUps.push(() => squatter.close())
  await once(squatter, 'listening')
  const { port } = squatter.address() as AddressInfo

  await expect(startNats({ storeDirectory: home, password: 'secret', port })).rejects.toThrow(
    /address already in use/,
  )
})

test('a server listens on the port that it was given', async () => {
  const home = await newHome()
  const port = await freePort()

  await using server = await startNats({ storeDirectory: home, password: 'secret', port })

  expect(server.port).toBe(port)
  expect(await natsGreeting(server.url)).toMatchObject({ port })
})

async function holdServers(home: string): Promise<{ owner: ChildProcess; urls: Servers['urls'] }> {
  const owner = spawn(process.execPath, ['--conditions=@easel/source', holder, home], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  cleanUps.push(async () => {
    if (owner.exitCode !== null || owner.signalCode !== null) return
    owner.kill('SIGKILL')
    await once(owner, 'exit')
  })
  const [line] = await once(createInterface(owner.stdout), 'line')
  return { owner, urls: JSON.parse(line) }
}

/** Sends one command and gives the whole answer. */
async function redis(text: string, command: string): Promise<string> {
  const url = new URL(text)
  const socket = connect(Number(url.port), url.hostname)
  const password = decodeURIComponent(url.password)
  socket.end(`${password ? `AUTH ${password}\r\n` : ''}${command}\r\nQUIT\r\n`)
  return (await socket.setEncoding('utf8').toArray()).join('')
}

async function natsGreeting(text: string): Promise<object> {
  const url = new URL(text)
  const socket = connect(Number(url.port), url.hostname).setEncoding('utf8')
  const [greeting] = await once(socket, 'data')
  socket.destroy()
  return JSON.parse(String(greeting).replace(/^INFO /, ''))
}

/** Postgres answers the question whether it speaks TLS with one letter. */
async function postgresAnswers(text: string): Promise<boolean> {
  const url = new URL(text)
  const socket = connect(Number(url.port), url.hostname)
  socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]))
  const [answer] = await once(socket, 'data')
  socket.destroy()
  return String(answer) === 'N'
}

async function reach(text: string): Promise<void> {
  const url = new URL(text)
  const socket = connect(Number(url.port), url.hostname)
  await once(socket, 'connect')
  socket.destroy()
}

async function untilRefused(url: string): Promise<void> {
  const deadline = Date.now() + 15_000
  for (;;) {
    const refused = await reach(url).then(
      () => false,
      () => true,
    )
    if (refused) return
    if (Date.now() > deadline) throw new Error('The server did not stop with its owner')
    await new Promise((resolve) => execFile('true', resolve))
  }
}
