import { createReadStream, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'

// Where nginx is not installed: a folder with ranges; optionally bytes a second for each connection, key and certificate.
const [directory, limit = '0', key, certificate] = process.argv.slice(2) as [string, ...string[]]

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = join(directory, basename(new URL(request.url!, 'http://x').pathname))
  const { size, mtimeMs } = statSync(path)
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
  const start = range ? Number(range[1]) : 0
  const end = range?.[2] ? Math.min(size - 1, Number(range[2])) : size - 1
  response.writeHead(range ? 206 : 200, {
    'content-length': end - start + 1,
    'content-type': 'application/octet-stream',
    'accept-ranges': 'bytes',
    etag: `"${mtimeMs}-${size}"`,
    ...(range && { 'content-range': `bytes ${start}-${end}/${size}` }),
  })
  await pipeline(createReadStream(path, { start, end, highWaterMark: 512 * 1024 }), throttle(), response)
}

function throttle(): Transform {
  const rate = Number(limit)
  const begun = performance.now()
  let sent = 0
  return new Transform({
    highWaterMark: 64 * 1024,
    async transform(chunk: Buffer, _encoding, done) {
      sent += chunk.length
      if (rate > 0) await delay(Math.max(0, (sent / rate) * 1_000 - (performance.now() - begun)))
      done(null, chunk)
    },
  })
}

const listener = (request: IncomingMessage, response: ServerResponse) =>
  void answer(request, response).catch(() => response.destroy())
const server =
  key && certificate
    ? createSecureServer({ key: readFileSync(key), cert: readFileSync(certificate) }, listener)
    : createServer(listener)
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`))
