import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempDirectory, testNats, testRedis, waitFor } from '../src/index.ts'

test('keys with the prefix are removed, others are not', async () => {
  const mine = await testRedis()
  await using other = await testRedis()
  await redis(mine.url, `SET ${mine.prefix}a 1`)
  await redis(other.url, `SET ${other.prefix}b 2`)

  await mine[Symbol.asyncDispose]()

  expect(await redis(other.url, `EXISTS ${mine.prefix}a`)).toContain(':0')
  expect(await redis(other.url, `EXISTS ${other.prefix}b`)).toContain(':1')
})

test('streams and buckets with the prefix are removed, others are not', async () => {
  const mine = await testNats()
  await using other = await testNats()
  for (const name of [
    `${mine.prefix.toUpperCase()}_FACTS`,
    `KV_${mine.prefix}_live`,
    `${other.prefix}_WORK`,
  ]) {
    await nats(mine.url, `$JS.API.STREAM.CREATE.${name}`, { name, subjects: [`${name}.>`] })
  }

  await mine[Symbol.asyncDispose]()

  const answer = await nats(other.url, '$JS.API.STREAM.NAMES', {})
  expect(answer).not.toMatch(new RegExp(mine.prefix, 'i'))
  expect(answer).toContain(`${other.prefix}_WORK`)
})

test('a temporary directory goes with everything in it', async () => {
  const directory = await tempDirectory()
  await writeFile(join(directory.path, 'file'), 'x')

  await directory[Symbol.asyncDispose]()

  expect(existsSync(directory.path)).toBe(false)
})

test('waiting ends as soon as the condition gives something, and gives it back', async () => {
  let calls = 0

  const value = await waitFor(() => {
    calls += 1
    if (calls === 1) throw new Error('not yet')
    return calls === 3 && 'done'
  })

  expect(value).toBe('done')
})

test('waiting in vain says for what, and why the last try failed', async () => {
  const waiting = waitFor(() => Promise.reject(new Error('still closed')), {
    timeoutMs: 30,
    describe: 'the door',
  })

  await expect(waiting).rejects.toMatchObject({
    message: expect.stringContaining('the door'),
    cause: expect.objectContaining({ message: 'still closed' }),
  })
})

async function redis(text: string, command: string): Promise<string> {
  const url = new URL(text)
  const socket = connect(Number(url.port), url.hostname)
  const password = decodeURIComponent(url.password)
  socket.end(`${password ? `AUTH ${password}\r\n` : ''}${command}\r\nQUIT\r\n`)
  return (await socket.setEncoding('utf8').toArray()).join('')
}

async function nats(text: string, subject: string, request: object): Promise<string> {
  const url = new URL(text)
  const socket = connect(Number(url.port), url.hostname).setEncoding('utf8')
  let answer = ''
  socket.on('data', (chunk) => (answer += String(chunk)))
  const payload = JSON.stringify(request)
  const credentials = { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) }
  socket.write(`CONNECT ${JSON.stringify({ verbose: false, ...credentials })}\r\nSUB reply 1\r\n`)
  socket.write(`PUB ${subject} reply ${payload.length}\r\n${payload}\r\n`)
  while (!/^MSG reply[^]*\}\r\n$/m.test(answer)) await once(socket, 'data')
  socket.destroy()
  return answer
}
