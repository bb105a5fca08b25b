import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tempDirectory } from '@easel/testing'
import { expect, test } from 'vitest'
import { aModel, sha256 } from './support/file-server.ts'

const script = fileURLToPath(new URL('support/engine-process.main.ts', import.meta.url))
const bytes = aModel(3_000_000)

/** Brings a file over TLS in a process that trusts the certificate, or not. */
async function fetchSecurely(name: string, { trusted }: { trusted: boolean }) {
  await using directory = await tempDirectory()
  const [key, certificate] = ['key', 'certificate'].map((file) => join(directory.path, file)) as [
    string,
    string,
  ]
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2']
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
  execFileSync('openssl', [...request, '-keyout', key, '-out', certificate, ...subject], { stdio: 'ignore' })
  const names: (string | undefined)[] = []
  const options = {
    key: readFileSync(key),
    cert: readFileSync(certificate),
    SNICallback: (asked: string, done: (error: null) => void) => {
      names.push(asked)
      done(null)
    },
  }
  const server = createServer(options, (asked, response) => {
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(asked.headers.range ?? '')!.map(Number) as number[]
    const last = Math.min(end!, bytes.length - 1)
    response.writeHead(206, { 'content-range': `bytes ${start}-${last}/${bytes.length}`, etag: '"1"' })
    response.end(bytes.subarray(start, last + 1))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `https://localhost:${(server.address() as AddressInfo).port}/file.safetensors`
  const child = spawn(
    process.execPath,
    ['--conditions=@easel/source', '--disable-warning=ExperimentalWarning', script, url].concat(
      directory.path,
      sha256(bytes),
    ),
    { env: { ...process.env, ...(trusted && { NODE_EXTRA_CA_CERTS: certificate }) }, stdio: 'ignore' },
  )
  const [code] = (await once(child, 'exit')) as [number]
  server.closeAllConnections()
  server.close()
  const placed = join(directory.path, 'models', 'file.safetensors')
  return { code, names, placed: existsSync(placed) ? readFileSync(placed) : undefined }
}

test('over TLS the bytes are the same, and the server is told which name is asked for', async () => {
  const { code, names, placed } = await fetchSecurely('localhost', { trusted: true })

  expect(code).toBe(0)
  expect(placed?.equals(bytes)).toBe(true)
  expect(new Set(names)).toEqual(new Set(['localhost']))
}, 30_000)

test.each([
  ['that nobody vouches for', 'localhost', false],
  ['of another name', 'another.example', true],
])(
  'a certificate %s is refused',
  async (_what, name, trusted) => {
    const { code, placed } = await fetchSecurely(name, { trusted })

    expect(code).not.toBe(0)
    expect(placed).toBeUndefined()
  },
  60_000,
)
