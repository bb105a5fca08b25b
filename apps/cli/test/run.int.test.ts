import { waitFor } from '@easel/testing'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cliHome } from './support/run-easel.ts'
import {
  aJob,
  anOutput,
  assetId,
  events,
  jobId,
  key,
  problem,
  standInGateway,
  standsForJob,
} from './support/stand-in-gateway.ts'

const graph = {
  '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0 } },
  '2': { class_type: 'KSampler', inputs: { seed: 7, steps: 2 }, _meta: { title: 'The sampler' } },
  '3': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'hello' } },
}

async function start() {
  const [home, server] = await Promise.all([cliHome(), standInGateway()])
  await writeFile(join(home.path, 'hello.json'), JSON.stringify(graph))
  const env = { EASEL_URL: server.url, EASEL_API_KEY: key }
  return {
    server,
    path: home.path,
    run: (...words: string[]) => home.easel(['run', ...words], { env }),
    easel: (...words: string[]) => home.easel(words, { env }),
    pipe: (input: string, ...words: string[]) => home.easel(words, { env, input }),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      await home[Symbol.asyncDispose]()
    },
  }
}

test('a workflow runs, and its output lies in the folder under its own name', async () => {
  await using cli = await start()
  standsForJob(cli.server)

  const { code, stdout, stderr } = await cli.run('hello.json', '-o', 'out')

  expect({ code, stdout }).toEqual({ code: 0, stdout: 'out/hello_00001_.png\n' })
  expect(await readFile(join(cli.path, 'out/hello_00001_.png'), 'utf8')).toBe('picture')
  expect(stderr.split('\n')).toEqual(['running 0%', 'The sampler 50% (step 1/2)', 'Done in 1.2s', ''])
  expect(cli.server.requestsTo('POST /api/jobs')[0]?.headers).toMatchObject({
    authorization: `Bearer ${key}`,
    'idempotency-key': expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
  })
})

test('settings go out as they were typed, with all digits of a seed', async () => {
  await using cli = await start()
  standsForJob(cli.server)

  await cli.run(
    'hello.json',
    '-s',
    '2.seed=18446744073709551615',
    '--set',
    '2.text=a = b',
    '--name',
    'castle',
  )

  const body = cli.server.requestsTo('POST /api/jobs')[0]?.body.toString()
  expect(body).toContain('"2.seed":18446744073709551615')
  expect(JSON.parse(body ?? '')).toMatchObject({
    workflow: graph,
    overrides: { '2.text': 'a = b' },
    name: 'castle',
  })
})

test('what is asked of the worker goes along', async () => {
  await using cli = await start()
  standsForJob(cli.server)

  await cli.run('hello.json', '--rank', '-7', '--label', 'eu', '--label', 'h100', '--min-vram', '24GiB')

  const body = cli.server.requestsTo('POST /api/jobs')[0]?.body.toString()
  expect(JSON.parse(body ?? '')).toMatchObject({
    rank: -7,
    labels: ['eu', 'h100'],
    minVramBytes: 24 * 2 ** 30,
  })
})

test('a file that is there is never written over', async () => {
  await using cli = await start()
  standsForJob(cli.server)
  await writeFile(join(cli.path, 'hello_00001_.png'), 'mine')

  const { stdout } = await cli.run('hello.json')

  expect(stdout).toBe('hello_00001_-1.png\n')
  expect(await readFile(join(cli.path, 'hello_00001_.png'), 'utf8')).toBe('mine')
})

test('a name from the server stays in the folder and out of the terminal', async () => {
  await using cli = await start()
  standsForJob(cli.server, { outputs: [anOutput({ filename: '../../\x1b[2Jevil\u202egnp.sh' })] })

  const { stdout } = await cli.run('hello.json', '-o', 'out')

  expect(stdout).toBe('out/_[2Jevil_gnp.sh\n')
  expect(await readdir(join(cli.path, 'out'))).toEqual(['_[2Jevil_gnp.sh'])
})

test('--json gives the jobs and the files, and nothing else', async () => {
  await using cli = await start()
  const done = standsForJob(cli.server)

  const { stdout, stderr } = await cli.run('hello.json', '--json')

  expect(JSON.parse(stdout)).toEqual({
    jobs: [done],
    files: [{ jobId, index: 0, assetId, path: 'hello_00001_.png' }],
  })
  expect(stderr).toBe('')
})

test('an output that the gallery has not yet taken in is waited for', async () => {
  await using cli = await start()
  standsForJob(cli.server)
  cli.server.on(`GET /api/assets/${assetId}/content`, problem(404, 'ASSET_NOT_FOUND'), { body: 'late' })

  const { code, stdout } = await cli.run('hello.json')

  expect({ code, stdout }).toEqual({ code: 0, stdout: 'hello_00001_.png\n' })
})

test('previews are left out when there is something else', async () => {
  await using cli = await start()
  const preview = anOutput({ index: 1, filename: 'preview.png', temporary: true })
  standsForJob(cli.server, { outputs: [anOutput(), preview] })

  const { stdout, stderr } = await cli.run('hello.json')

  expect(stdout).toBe('hello_00001_.png\n')
  expect(stderr).toContain('1 preview left out')
})

test('a job that fails says which node and why, and the code is 1', async () => {
  await using cli = await start()
  const error = { code: 'NODE_FAILED', message: 'out of colours', node: '2', nodeClass: 'KSampler' }
  standsForJob(cli.server, { status: 'failed', outputs: [], error })

  const { code, stdout, stderr } = await cli.run('hello.json')

  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toContain(`Job ${jobId} failed at node 2 (The sampler): out of colours`)
})

test('with --json a failed job is still told of, and the error stands on stderr', async () => {
  await using cli = await start()
  const nodeErrors = [{ path: '2.steps', message: 'is too small' }]
  const error = { code: 'GRAPH_INVALID', message: 'It cannot run', nodeErrors }
  standsForJob(cli.server, { status: 'failed', outputs: [], error })

  const { code, stdout, stderr } = await cli.run('hello.json', '--json')

  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({ jobs: [{ status: 'failed' }], files: [] })
  expect(JSON.parse(stderr)).toEqual({
    error: { code: 'GRAPH_INVALID', message: `Job ${jobId} failed: It cannot run`, errors: nodeErrors },
  })
})

test('a refused graph gives the path of each fault, and the code is 2', async () => {
  await using cli = await start()
  const errors = [
    { path: 'workflow.2.inputs.seed', message: 'must be 0 or more' },
    { path: 'workflow.9', message: 'No worker knows Foo' },
  ]
  cli.server.on('POST /api/jobs', problem(422, 'GRAPH_INVALID', { detail: 'The graph is wrong', errors }))

  const { code, stderr } = await cli.run('hello.json')

  expect(code).toBe(2)
  expect(stderr).toBe(
    'The graph is wrong\n  workflow.2.inputs.seed: must be 0 or more\n  workflow.9: No worker knows Foo\n',
  )
})

test('-n submits as often with counted seeds, and every output gets a name of its own', async () => {
  await using cli = await start()
  const ids = [1, 2, 3].map((n) => `0193b3a2-0000-7000-8000-00000000100${n}`)
  cli.server.on('POST /api/jobs', ...ids.map((id) => ({ status: 202, body: aJob({ id }) })))
  for (const id of ids) {
    cli.server.on(`GET /api/jobs/${id}`, { body: aJob({ id, status: 'succeeded', outputs: [anOutput()] }) })
  }
  cli.server.on(`GET /api/assets/${assetId}/content`, { body: 'picture' })

  const { code, stdout } = await cli.run('hello.json', '-n', '3')

  const bodies = cli.server.bodies('POST /api/jobs') as { overrides: object }[]
  expect(bodies.map(({ overrides }) => overrides)).toEqual([7, 8, 9].map((seed) => ({ '2.seed': seed })))
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: 'hello_00001_.png\nhello_00001_-1.png\nhello_00001_-2.png\n',
  })
})

test('a picture is uploaded once and given to every input that takes it', async () => {
  await using cli = await start()
  standsForJob(cli.server)
  await writeFile(join(cli.path, 'photo.png'), 'a photo')
  cli.server.on('POST /api/assets', { status: 201, body: { id: assetId } })

  const { code } = await cli.run('hello.json', '-i', '4.image=photo.png', '-i', '5.image=photo.png')

  expect(code).toBe(0)
  const [upload, ...more] = cli.server.requestsTo('POST /api/assets')
  expect(more).toEqual([])
  expect(upload).toMatchObject({ path: '/api/assets?filename=photo.png', body: Buffer.from('a photo') })
  const inputs = { '4.image': `asset:${assetId}`, '5.image': `asset:${assetId}` }
  expect(cli.server.bodies('POST /api/jobs')[0]).toMatchObject({ inputs })
})

test('--no-wait prints the id and leaves', async () => {
  await using cli = await start()
  cli.server.on('POST /api/jobs', { status: 202, body: aJob() })

  const { code, stdout } = await cli.run('hello.json', '--no-wait')

  expect({ code, stdout }).toEqual({ code: 0, stdout: `${jobId}\n` })
})

test('Ctrl-C asks the server to cancel, and the code is 130', async () => {
  await using cli = await start()
  const canceled = Promise.withResolvers<void>()
  cli.server.on('POST /api/jobs', { status: 202, body: aJob() })
  cli.server.on(`GET /api/jobs/${jobId}`, { body: aJob({ status: 'running' }) })
  cli.server.on(`GET /api/jobs/${jobId}/events`, async () => {
    await canceled.promise
    return events(['job.canceled', aJob({ status: 'canceled' })])
  })
  cli.server.on(`POST /api/jobs/${jobId}/cancel`, () => {
    canceled.resolve()
    return { body: aJob({ status: 'canceling' }) }
  })
  const running = cli.run('hello.json')
  await waitFor(() => cli.server.requestsTo(`GET /api/jobs/${jobId}/events`).length > 0)

  running.child.kill('SIGINT')

  const { code, stderr } = await running
  expect(code).toBe(130)
  expect(stderr).toContain('Canceling …')
  expect(stderr).toContain('was canceled')
})

test('a second Ctrl-C leaves at once', async () => {
  await using cli = await start()
  cli.server.on('POST /api/jobs', { status: 202, body: aJob() })
  cli.server.on(`GET /api/jobs/${jobId}`, { body: aJob({ status: 'running' }) })
  cli.server.on(`GET /api/jobs/${jobId}/events`, () => new Promise(() => undefined))
  cli.server.on(`POST /api/jobs/${jobId}/cancel`, () => new Promise(() => undefined))
  const running = cli.run('hello.json')
  await waitFor(() => cli.server.requestsTo(`GET /api/jobs/${jobId}/events`).length > 0)
  running.child.kill('SIGINT')
  await waitFor(() => running.saidSoFar().includes('Canceling'))

  running.child.kill('SIGINT')

  expect((await running).code).toBe(130)
})

test('--timeout ends the waiting with 124, and the job goes on', async () => {
  await using cli = await start()
  cli.server.on('POST /api/jobs', { status: 202, body: aJob() })
  cli.server.on(`GET /api/jobs/${jobId}`, { body: aJob({ status: 'running' }) })
  cli.server.on(`GET /api/jobs/${jobId}/events`, () => new Promise(() => undefined))

  const { code, stderr } = await cli.run('hello.json', '--timeout', '1')

  expect(code).toBe(124)
  expect(stderr).toContain(`easel jobs watch ${jobId}`)
  expect(cli.server.requestsTo(`POST /api/jobs/${jobId}/cancel`)).toEqual([])
})

test('a job that waits says why', async () => {
  await using cli = await start()
  const explained = Promise.withResolvers<void>()
  const done = standsForJob(cli.server)
  cli.server.on(`GET /api/jobs/${jobId}`, { body: aJob() }, { body: done })
  cli.server.on(`GET /api/jobs/${jobId}/explain`, () => {
    // A moment, so that the answer is read before the end of the job is.
    setTimeout(explained.resolve, 300)
    const reasons = [{ code: 'ALL_BUSY', message: 'All workers of the pool are busy' }]
    return { body: { id: jobId, status: 'queued', position: 1, reasons } }
  })
  cli.server.on(`GET /api/jobs/${jobId}/events`, async () => {
    await explained.promise
    return events(['job.succeeded', done])
  })

  const { code, stderr } = await cli.run('hello.json')

  expect(code).toBe(0)
  expect(stderr).toContain('All workers of the pool are busy (place 1)')
})

test('a stream that breaks is opened again, and the job is seen to its end', async () => {
  await using cli = await start()
  const done = standsForJob(cli.server)
  cli.server.on(
    `GET /api/jobs/${jobId}/events`,
    { cutAfterBytes: 0 },
    { ...events(['job.running', aJob({ status: 'running' })]), cutAfterBytes: 20 },
    events(['job.succeeded', done]),
  )
  const running = { body: aJob({ status: 'running' }) }
  cli.server.on(`GET /api/jobs/${jobId}`, running, running, running, { body: done })

  const { code, stdout } = await cli.run('hello.json')

  expect({ code, stdout }).toEqual({ code: 0, stdout: 'hello_00001_.png\n' })
  expect(cli.server.requestsTo(`GET /api/jobs/${jobId}/events`)).toHaveLength(3)
})

test('a submission that got no answer is repeated with the same key', async () => {
  await using cli = await start()
  cli.server.on('POST /api/jobs', { cutAfterBytes: 0 }, problem(503, 'UNAVAILABLE'), {
    status: 202,
    body: aJob(),
  })

  const { code, stdout } = await cli.run('hello.json', '--no-wait')

  expect({ code, stdout }).toEqual({ code: 0, stdout: `${jobId}\n` })
  const keys = cli.server.requestsTo('POST /api/jobs').map(({ headers }) => headers['idempotency-key'])
  expect(keys).toHaveLength(3)
  expect(new Set(keys).size).toBe(1)
})

test('a workflow comes from stdin as well', async () => {
  await using cli = await start()
  standsForJob(cli.server)

  const { code } = await cli.pipe(JSON.stringify(graph), 'run', '-')

  expect(code).toBe(0)
  expect(cli.server.bodies('POST /api/jobs')[0]).toMatchObject({ workflow: graph })
})

test('a kept workflow runs by its id', async () => {
  await using cli = await start()
  standsForJob(cli.server)
  const workflow = '0193b3a2-0000-7000-8000-00000000000f'
  cli.server.on(`GET /api/workflows/${workflow}`, {
    body: { id: workflow, name: 'hello', version: 1, graph },
  })

  const { code } = await cli.run(workflow, '-n', '1', '--set', '2.steps=4')

  expect(code).toBe(0)
  expect(cli.server.bodies('POST /api/jobs')).toEqual([{ workflowId: workflow, overrides: { '2.steps': 4 } }])
})

test.each([
  [['nowhere.json'], 'There is no file nowhere.json'],
  [['broken.json'], 'broken.json is no JSON'],
  [['list.json'], 'holds no workflow'],
  [['hello.json', '--image', '1.image=nowhere.png'], 'There is no file nowhere.png'],
  [['hello.json', '--set', 'seed=1'], 'write it as in --set 3.seed=42'],
  [['hello.json', '--priority', 'high'], 'Allowed choices are interactive, normal, bulk'],
  [['hello.json', '--count', '0'], 'whole number from 1 to 1000'],
])('run %j is refused before anything is sent', async (words, message) => {
  await using cli = await start()
  await writeFile(join(cli.path, 'broken.json'), '{"1": ')
  await writeFile(join(cli.path, 'list.json'), '[1, 2]')
  await mkdir(join(cli.path, 'folder'))

  const { code, stderr } = await cli.run(...words)

  expect(code).toBe(2)
  expect(stderr).toContain(message)
  expect(cli.server.requests).toEqual([])
})
