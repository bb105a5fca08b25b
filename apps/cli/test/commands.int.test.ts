import { waitFor } from '@easel/testing'
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cliHome } from './support/run-easel.ts'
import {
  aDownload,
  aJob,
  aNewKey,
  assetId,
  events,
  jobId,
  key,
  me,
  problem,
  standInGateway,
} from './support/stand-in-gateway.ts'

async function start() {
  const [home, server] = await Promise.all([cliHome(), standInGateway()])
  const env = { EASEL_URL: server.url, EASEL_API_KEY: key }
  return {
    server,
    path: home.path,
    easel: (...words: string[]) => home.easel(words, { env }),
    /** Without the environment's login. */
    bare: (words: string[], options: Parameters<typeof home.easel>[1] = {}) => home.easel(words, options),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      await home[Symbol.asyncDispose]()
    },
  }
}

test('a list is a table for people, and items and cursor for programs', async () => {
  await using cli = await start()
  const page = { items: [aJob({ name: 'castle', status: 'succeeded' })], nextCursor: 'more' }
  cli.server.on('GET /api/jobs', { body: page })

  const table = await cli.easel('jobs', 'list', '--status', 'succeeded', 'failed', '--limit', '5')
  const json = await cli.easel('jobs', 'list', '--json')

  expect(table.stdout.split('\n')[0]).toMatch(/^ID +STATUS +PROGRESS +NAME/)
  expect(table.stdout).toContain(`${jobId}  succeeded`)
  expect(table.stderr).toContain('--cursor more')
  expect(cli.server.requests[0]?.path).toBe('/api/jobs?limit=5&status=succeeded&status=failed')
  expect(JSON.parse(json.stdout)).toEqual(page)
})

test('the last page has a cursor of null', async () => {
  await using cli = await start()
  cli.server.on('GET /api/assets', { body: { items: [] } })

  const { stdout } = await cli.easel('assets', 'list', '--json')

  expect(JSON.parse(stdout)).toEqual({ items: [], nextCursor: null })
})

test('a hostile name cannot act on the terminal', async () => {
  await using cli = await start()
  cli.server.on('GET /api/jobs', { body: { items: [aJob({ name: '\x1b[2J\x1b]0;x\x07\u202e' })] } })

  const { stdout } = await cli.easel('jobs', 'list')

  expect(stdout).toContain('\\x1b[2J\\x1b]0;x\\x07\\u202e')
  expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
})

test('one thing is shown as the API gives it', async () => {
  await using cli = await start()
  const job = aJob({ status: 'succeeded', timings: { totalMs: 1500 } })
  cli.server.on(`GET /api/jobs/${jobId}`, { body: job })

  const facts = await cli.easel('jobs', 'show', jobId)
  const json = await cli.easel('jobs', 'show', jobId, '--json')

  expect(facts.stdout).toMatch(/^status +succeeded$/m)
  expect(facts.stdout).toMatch(/^times +total 1.5s$/m)
  expect(JSON.parse(json.stdout)).toEqual(job)
})

test('the graph of a job is printed as it can be run again, digits and all', async () => {
  await using cli = await start()
  const text = '{"graph":{"3":{"class_type":"K","inputs":{"seed":18446744073709551615}}},"inputs":{}}'
  cli.server.on(`GET /api/jobs/${jobId}/graph`, { body: text })

  const { stdout } = await cli.easel('jobs', 'graph', jobId)

  expect(stdout).toBe('{"3":{"class_type":"K","inputs":{"seed":18446744073709551615}}}\n')
})

test('watching a job that fails ends with 1', async () => {
  await using cli = await start()
  cli.server.on(`GET /api/jobs/${jobId}`, { body: aJob({ status: 'running' }) })
  cli.server.on(`GET /api/jobs/${jobId}/graph`, { body: { graph: {} } })
  cli.server.on(`GET /api/jobs/${jobId}/events`, events(['job.failed', aJob({ status: 'failed' })]))

  const { code, stdout } = await cli.easel('jobs', 'watch', jobId)

  expect({ code, stdout }).toEqual({ code: 1, stdout: `${jobId}  failed\n` })
})

test('what is not there is 1, what is not allowed is told by its code', async () => {
  await using cli = await start()
  cli.server.on('GET /api/jobs/nothing', problem(404, 'JOB_NOT_FOUND', { detail: 'No such job' }))

  const words = await cli.easel('jobs', 'show', 'nothing')
  const json = await cli.easel('jobs', 'show', 'nothing', '--json')

  expect(words).toEqual({ code: 1, stdout: '', stderr: 'No such job\n' })
  expect(json).toEqual({
    code: 1,
    stdout: '',
    stderr: '{"error":{"code":"JOB_NOT_FOUND","message":"No such job"}}\n',
  })
})

test('without credentials the code is 3, and it says what to do', async () => {
  await using cli = await start()
  cli.server.on('GET /api/jobs', problem(401, 'NO_CREDENTIALS', { detail: 'Sign in first' }))

  const { code, stderr } = await cli.bare(['--url', cli.server.url, 'jobs', 'list'])

  expect(code).toBe(3)
  expect(stderr).toContain('easel login')
})

test('a server that is away is 4', async () => {
  await using cli = await start()
  const { url } = cli.server
  await cli.server[Symbol.asyncDispose]()

  const { code, stderr } = await cli.bare(['--url', url, 'jobs', 'list', '--json'])

  expect(code).toBe(4)
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'UNREACHABLE' } })
})

test.each([
  [['jbos'], "unknown command 'jbos' (Did you mean jobs?)"],
  [['jobs', 'lst'], "unknown command 'lst' (Did you mean list?)"],
  [['jobs', 'list', '--limt', '3'], "unknown option '--limt' (Did you mean --limit?)"],
  [['jobs', 'list', '--limit', '9999'], '--limit is a whole number from 1 to 200'],
  [['jobs', 'show'], "missing required argument 'id'"],
  [['dl', 'lst', '--folder', 'vae'], 'neither something to download nor a command'],
  [['--url', 'ftp://example.org', 'jobs', 'list'], 'is no URL of a server'],
  [['--remote', 'studio', 'jobs', 'list'], 'There is no remote studio'],
])('%j is wrong usage: 2', async (words, message) => {
  await using cli = await start()

  const { code, stderr } = await cli.easel(...words)

  expect(code).toBe(2)
  expect(stderr).toContain(message)
})

test('every command has help with examples or options, on stdout, with 0', async () => {
  await using cli = await start()
  const words = [['--help'], ['run', '--help'], ['help', 'jobs'], ['dl', 'add', '--help']]

  const all = await Promise.all(words.map((each) => cli.easel(...each)))

  expect(all.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
    words.map(() => ({ code: 0, stderr: '' })),
  )
  expect(all.every(({ stdout }) => stdout.startsWith('Usage: easel'))).toBe(true)
  expect(all[0]?.stdout).toContain('Examples:')
})

test('a reader that has had enough ends it quietly', async () => {
  await using cli = await start()
  const items = Array.from({ length: 200 }, () => aJob({ name: 'x'.repeat(2_000) }))
  cli.server.on('GET /api/jobs', { body: { items } })
  const running = cli.easel('jobs', 'list')

  running.child.stdout.once('data', () => running.child.stdout.destroy())

  expect(await running).toMatchObject({ code: 0, stderr: '' })
})

test('a download is followed to its end', async () => {
  await using cli = await start()
  const download = aDownload()
  const done = aDownload({ status: 'completed', bytesDone: 4096, verification: 'verified' })
  cli.server.on('POST /api/downloads', { status: 202, body: download })
  const running = aDownload({ status: 'running', bytesDone: 2048, bytesPerSecond: 1024, etaSeconds: 2 })
  cli.server.on(`GET /api/downloads/${download.id}`, { body: running }, { body: done })

  const { code, stdout, stderr } = await cli.easel('dl', download.url, '--folder', 'loras')

  expect({ code, stdout }).toEqual({ code: 0, stdout: 'loras/castle.safetensors\n' })
  expect(stderr).toContain('castle.safetensors 50% (2.0 KiB of 4.0 KiB, 1.0 KiB/s), ETA 2s')
  expect(cli.server.bodies('POST /api/downloads')).toEqual([
    { source: 'url', url: download.url, folder: 'loras' },
  ])
})

test('a download that fails is 1, and its reason is told', async () => {
  await using cli = await start()
  const error = { code: 'HASH_MISMATCH', message: 'The bytes are not what was promised' }
  const failed = aDownload({ status: 'failed', verification: 'mismatch', error })
  cli.server.on('POST /api/downloads', { status: 202, body: failed })

  const { code, stdout, stderr } = await cli.easel('dl', 'add', failed.url, '-f', 'loras', '--json')

  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toEqual(failed)
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'HASH_MISMATCH' } })
})

test('an asset goes to its own name, to a named file that is not there yet, or to stdout', async () => {
  await using cli = await start()
  cli.server.on(`GET /api/assets/${assetId}`, {
    body: { id: assetId, filename: 'a.png', mime: 'image/png', bytes: 3 },
  })
  cli.server.on(`GET /api/assets/${assetId}/content`, { body: Buffer.from([1, 2, 3]) })
  await mkdir(join(cli.path, 'out'))

  const own = await cli.easel('assets', 'get', assetId, '-o', 'out')
  const named = await cli.easel('assets', 'get', assetId, '-o', 'b.png')
  const again = await cli.easel('assets', 'get', assetId, '-o', 'b.png')
  const piped = await cli.easel('assets', 'get', assetId, '-o', '-')

  expect([own.stdout, named.stdout, piped.stdout]).toEqual(['out/a.png\n', 'b.png\n', '\x01\x02\x03'])
  expect(again).toMatchObject({ code: 2, stderr: 'b.png is there already\n' })
  expect([...(await readFile(join(cli.path, 'b.png')))]).toEqual([1, 2, 3])
})

test('tags are added and taken away, or replaced', async () => {
  await using cli = await start()
  cli.server.on(`GET /api/assets/${assetId}`, { body: { id: assetId, tags: ['draft', 'sky'] } })
  cli.server.on(`PATCH /api/assets/${assetId}`, { body: { id: assetId, tags: [] } })

  await cli.easel('assets', 'tag', assetId, '+keep', '-draft')
  await cli.easel('assets', 'tag', assetId, 'one', 'two')

  expect(cli.server.bodies(`PATCH /api/assets/${assetId}`)).toEqual([
    { tags: ['sky', 'keep'] },
    { tags: ['one', 'two'] },
  ])
})

test('system status is 1 when a part is down', async () => {
  await using cli = await start()
  const parts = [{ name: 'nats', ok: false, ms: 2000, error: 'timeout' }]
  const status = { version: '0.1.0', ready: false, uptimeSeconds: 5, parts, pools: [], workers: [] }
  cli.server.on('GET /api/system/status', { body: status })

  const { code, stdout } = await cli.easel('system', 'status')

  expect(code).toBe(1)
  expect(stdout).toContain('NOT READY')
  expect(stdout).toMatch(/nats +DOWN/)
})

test('a login by password keeps a key of its own, for its owner only, and log-out revokes it', async () => {
  await using cli = await start()
  const { server } = cli
  const cookie = { 'set-cookie': 'easel_session=abc; Path=/; HttpOnly' }
  server.on('POST /api/auth/login', { headers: cookie, body: me() })
  server.on('POST /api/keys', { status: 201, body: aNewKey() })
  server.on('POST /api/auth/logout', { status: 204 })
  server.on('GET /api/auth/me', { body: me() })
  server.on(`DELETE /api/keys/${aNewKey().id}`, { status: 204 })
  const file = join(cli.path, 'config/easel/config.json')

  const login = await cli.bare(
    ['login', '--url', server.url, '--remote', 'studio', '--email', 'ada@example.org'],
    {
      input: 'correct horse\n',
    },
  )
  const saved = JSON.parse(await readFile(file, 'utf8')) as object
  const { mode } = await stat(file)
  const whoami = await cli.bare(['whoami'])
  const logout = await cli.bare(['logout'])

  expect(login).toMatchObject({ code: 0, stdout: '' })
  expect(server.bodies('POST /api/auth/login')).toEqual([
    { email: 'ada@example.org', password: 'correct horse' },
  ])
  expect(saved).toMatchObject({ current: 'studio', remotes: { studio: { url: server.url, apiKey: key } } })
  expect(JSON.stringify(saved)).not.toContain('correct horse')
  expect(mode & 0o777).toBe(0o600)
  expect(whoami.stdout).toContain('ada@example.org')
  expect(logout.code).toBe(0)
  expect(server.requestsTo(`DELETE /api/keys/${aNewKey().id}`)).toHaveLength(1)
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ remotes: {} })
})

test('a key that the server does not take is not kept', async () => {
  await using cli = await start()
  cli.server.on('GET /api/auth/me', problem(401, 'BAD_CREDENTIALS'))

  const { code } = await cli.bare(['login', '--url', cli.server.url, '--key', key])

  expect(code).toBe(3)
  await expect(stat(join(cli.path, 'config/easel/config.json'))).rejects.toThrow('ENOENT')
})

test('a saved key goes to its own server only', async () => {
  await using cli = await start()
  await using other = await standInGateway()
  cli.server.on('GET /api/auth/me', { body: me() })
  await cli.bare(['login', '--url', cli.server.url, '--key', key])

  await cli.bare(['--url', other.url, 'jobs', 'list'])
  await cli.bare(['jobs', 'list'], { env: { EASEL_URL: other.url } })
  await cli.bare(['jobs', 'list'])

  expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined])
  expect(cli.server.requestsTo('GET /api/jobs')[0]?.headers.authorization).toBe(`Bearer ${key}`)
})

test("a remote's own key is used, not the one in the environment", async () => {
  await using cli = await start()
  cli.server.on('GET /api/auth/me', { body: me() })
  await cli.bare(['login', '--url', cli.server.url, '--remote', 'studio', '--key', key])

  await cli.bare(['--remote', 'studio', 'jobs', 'list'], { env: { EASEL_API_KEY: 'esl_of_somebody_else' } })

  expect(cli.server.requestsTo('GET /api/jobs')[0]?.headers.authorization).toBe(`Bearer ${key}`)
})

test('a standalone in this folder lends its key, on loopback, and says so', async () => {
  await using cli = await start()
  cli.server.on('GET /api/jobs', { body: { items: [] } })
  await mkdir(join(cli.path, '.easel'))
  await writeFile(join(cli.path, '.easel/credentials.json'), JSON.stringify({ apiKey: key }))

  const { stderr } = await cli.bare(['--url', cli.server.url, 'jobs', 'list'])

  expect(cli.server.requests[0]?.headers.authorization).toBe(`Bearer ${key}`)
  expect(stderr).toContain('using the API key in .easel/credentials.json')
})

test('a config file that is broken is named, not overwritten', async () => {
  await using cli = await start()
  const folder = join(cli.path, 'config/easel')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'config.json'), '{"remotes": {"a": 5}}')
  await chmod(join(folder, 'config.json'), 0o600)

  const { code, stderr } = await cli.bare(['jobs', 'list'])

  expect(code).toBe(2)
  expect(stderr).toContain('config.json is not as easel writes it')
})

test('Ctrl-C on a download leaves it to the server', async () => {
  await using cli = await start()
  const download = aDownload({ status: 'running' })
  cli.server.on('POST /api/downloads', { status: 202, body: download })
  cli.server.on(`GET /api/downloads/${download.id}`, { body: download })
  const running = cli.easel('dl', download.url, '-f', 'loras')
  await waitFor(() => cli.server.requestsTo(`GET /api/downloads/${download.id}`).length > 0)

  running.child.kill('SIGINT')

  expect(await running).toMatchObject({ code: 130, stdout: '' })
  expect(running.saidSoFar()).toContain(`easel dl watch ${download.id}`)
  expect(cli.server.requestsTo(`DELETE /api/downloads/${download.id}`)).toEqual([])
})
