import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { serverUrl } from './server-url.ts'

export type TestRedis = AsyncDisposable & { readonly url: string; readonly prefix: string }

const DELETE_BY_PREFIX = `
local cursor = '0'
repeat
  local page = redis.call('SCAN', cursor, 'MATCH', ARGV[1] .. '*', 'COUNT', 1000)
  cursor = page[1]
  for _, key in ipairs(page[2]) do redis.call('DEL', key) end
until cursor == '0'
return 'OK'`

/** A part of the run's Redis for one test file: keys must start with `prefix` and are removed when disposed. */
export async function testRedis(): Promise<TestRedis> {
  const url = await serverUrl('redis')
  const prefix = `t${randomBytes(6).toString('hex')}:`
  return {
    url,
    prefix,
    [Symbol.asyncDispose]: () => callRedis(url, ['EVAL', DELETE_BY_PREFIX, '0', prefix]),
  }
}

/** One command on a connection of its own, which has to be answered without an error. */
async function callRedis(text: string, command: readonly string[]): Promise<void> {
  const url = new URL(text)
  const user = decodeURIComponent(url.username) || 'default'
  const commands = [
    ...(url.password ? [['AUTH', user, decodeURIComponent(url.password)]] : []),
    command,
    ['QUIT'],
  ]
  const socket = connect(Number(url.port || 6379), url.hostname)
  socket.write(commands.map(encode).join(''))
  let answer = ''
  socket.setEncoding('utf8')
  for await (const chunk of socket) answer += chunk
  if (/^-/m.test(answer)) throw new Error(`Redis: ${answer}`)
}

function encode(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`
}
