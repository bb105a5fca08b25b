import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { colourGraph, samplerGraph } from '../support/graphs.ts'
import { describedRoutes } from '../support/routes.ts'
import { sendSlowly } from '../support/send-slowly.ts'
import { startServices } from '../support/services.ts'
import { bootstrapKey } from '../support/standalone.ts'
import type { Answer, Json } from '../support/api.ts'
import type { Services } from '../support/services.ts'

let services: Services
let api: Api

beforeAll(async () => {
  services = await startServices()
  api = new Api(services.url, bootstrapKey)
  await api.finished(await api.submit(colourGraph()))
}, 120_000)
afterAll(() => services?.[Symbol.asyncDispose]())

const submit = (body: unknown, headers: Record<string, string> = {}) =>
  api.send('POST', '/api/jobs', body, headers)
const run = (workflow: Json, more: Json = {}) => submit({ workflow, ...more })
const paths = ({ body }: Answer) => ((body.errors ?? []) as { path: string }[]).map(({ path }) => path).sort()

function expectProblem(answer: Answer, status: number, code?: string | RegExp): void {
  const { headers, body } = answer
  expect({ status: answer.status, ...body }).toMatchObject({
    status,
    type: expect.any(String),
    title: expect.any(String),
    code: code === undefined ? expect.any(String) : expect.stringMatching(code),
    detail: expect.any(String),
    traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
  })
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/)
  expect(JSON.stringify(body)).not.toMatch(/node_modules|\bat .*\.js:|prisma|postgres/i)
}

/** A graph with one thing about it that is wrong. */
function spoiled(spoil: (graph: Json) => void): Json {
  const graph = structuredClone(colourGraph())
  spoil(graph)
  return graph
}

describe('a graph', () => {
  test.each<[string, Json, string[]]>([
    ['an unknown class', spoiled((g) => (g['2'].class_type = 'NoSuchNode')), ['workflow.2.class_type']],
    ['a missing input', spoiled((g) => delete g['2'].inputs.image), ['workflow.2.inputs.image']],
    ['a number out of range', spoiled((g) => (g['1'].inputs.width = 999_999)), ['workflow.1.inputs.width']],
    ['a text for a number', spoiled((g) => (g['1'].inputs.width = 'wide')), ['workflow.1.inputs.width']],
    ['a choice that is none', spoiled((g) => (g['2'].inputs.crop = 'sideways')), ['workflow.2.inputs.crop']],
    ['a link to nowhere', spoiled((g) => (g['2'].inputs.image = ['77', 0])), ['workflow.2.inputs.image']],
    [
      'a link to a missing output',
      spoiled((g) => (g['2'].inputs.image = ['1', 5])),
      ['workflow.2.inputs.image'],
    ],
    [
      'a link to a prototype',
      spoiled((g) => (g['2'].inputs.image = ['constructor', 0])),
      ['workflow.2.inputs.image'],
    ],
    ['no class', spoiled((g) => delete g['2'].class_type), ['workflow.2.class_type']],
  ])('with %s is refused, and the place is named', async (_name, graph, expected) => {
    const answer = await run(graph)

    expectProblem(answer, 422, /^GRAPH_INVALID$/)
    expect(paths(answer)).toEqual(expect.arrayContaining(expected))
  })

  test('with several faults names them all', async () => {
    const answer = await run(
      spoiled((g) => {
        g['1'].inputs.height = 'high'
        g['2'].inputs.width = -5
        g['2'].inputs.crop = 'sideways'
      }),
    )

    expectProblem(answer, 422)
    expect(paths(answer)).toEqual([
      'workflow.1.inputs.height',
      'workflow.2.inputs.crop',
      'workflow.2.inputs.width',
    ])
  })

  test('that goes in a circle is refused', async () => {
    const answer = await run({
      '1': { class_type: 'ImageInvert', inputs: { image: ['2', 0] } },
      '2': { class_type: 'ImageInvert', inputs: { image: ['1', 0] } },
      '3': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'x' } },
    })

    expectProblem(answer, 422, /^GRAPH_INVALID$/)
    expect(answer.body.detail).toMatch(/cycle|circle|loop|itself/i)
    expect(paths(answer).length).toBeGreaterThan(0)
  })

  test.each<[string, Json]>([
    ['without an output', { '1': colourGraph()['1'] as Json }],
    ['without nodes', {}],
  ])('%s is refused with a reason', async (_name, graph) => {
    const answer = await run(graph)

    expectProblem(answer, 422, /^GRAPH_INVALID$/)
    expect(answer.body.detail).toMatch(/output|node/i)
  })

  test('as the page saves it gets help', async () => {
    const ui = {
      last_node_id: 1,
      last_link_id: 0,
      nodes: [{ id: 1, type: 'EmptyImage' }],
      links: [],
      version: 0.4,
    }

    const answer = await run(ui)

    expectProblem(answer, 422, /^UI_FORMAT$/)
    expect(answer.body.detail).toContain('Export (API)')
  })

  test.each<[string, unknown]>([
    ['a list', []],
    ['a text', 'graph'],
    ['null', null],
    ['nodes that are none', { '1': 5, '2': null, '3': [] }],
  ])('that is %s is refused', async (_name, workflow) => {
    expectProblem(await submit({ workflow }), 422)
  })

  test('with 20 000 nodes is refused, soon', async () => {
    const node = { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0 } }
    const graph = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [String(index), node]))
    const started = performance.now()

    expectProblem(await run(graph), 422, /^GRAPH_/)
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  test('with files outside of ComfyUI’s folders does not run', async () => {
    const load = (image: string) => ({
      '1': { class_type: 'LoadImage', inputs: { image } },
      '2': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'x' } },
    })
    for (const image of ['../../etc/passwd', '/etc/passwd', 'e2e_00001_.png [output]']) {
      expectProblem(await run(load(image)), 422, /^GRAPH_INVALID$/)
    }
    expectProblem(await run(spoiled((g) => (g['3'].inputs.filename_prefix = '../../outside'))), 422)
  })
})

describe('a request for a job', () => {
  test('with an unknown field is refused, and it is named', async () => {
    const answer = await run(colourGraph(), { prioritty: 'normal', nested: {} })

    expectProblem(answer, 422)
    expect(paths(answer)).toEqual(['nested', 'prioritty'])
  })

  test.each<[string, Json, string]>([
    ['an unknown node', { '99.seed': 1 }, 'overrides.99.seed'],
    ['an unknown input', { '1.colour': 1 }, 'overrides.1.colour'],
    ['a link', { '2.image': 'x.png' }, 'overrides.2.image'],
    ['no path', { seed: 1 }, 'overrides.seed'],
    ['a prototype', { '1.__proto__x': 1 }, 'overrides.1.__proto__x'],
    ['a number out of range', { '1.width': -1 }, 'overrides.1.width'],
  ])('that overrides %s is refused', async (_name, overrides, path) => {
    const answer = await run(colourGraph(), { overrides })

    expectProblem(answer, 422)
    expect(paths(answer).map((each) => each.replace('workflow.1.inputs', 'overrides.1'))).toContain(path)
  })

  test('names what does not fit', async () => {
    const answer = await run(colourGraph(), {
      priority: 'urgent',
      expiresInSeconds: 0,
      sessionId: 'mine',
      webhookUrl: 'file:///etc/passwd',
      kind: 'poem',
    })

    expectProblem(answer, 422)
    expect(paths(answer)).toEqual(['expiresInSeconds', 'kind', 'priority', 'sessionId', 'webhookUrl'])
  })

  test('needs a graph, and only one', async () => {
    expectProblem(await submit({}), 422)
    expectProblem(await run(colourGraph(), { workflowId: unknownId }), 422)
    expectProblem(await submit({ workflowId: unknownId }), 404, /^WORKFLOW_NOT_FOUND$/)
  })

  test('is one job under its Idempotency-Key, however often it comes', async () => {
    const headers = { 'idempotency-key': 'e2e-1' }
    const all = await Promise.all(
      Array.from({ length: 30 }, () => submit({ workflow: colourGraph(1) }, headers)),
    )
    const other = await submit({ workflow: colourGraph(2) }, headers)

    expect(all.map(({ status }) => status)).toEqual(all.map(() => 202))
    expect(new Set(all.map(({ body }) => body.id)).size).toBe(1)
    expectProblem(other, 422, /^IDEMPOTENCY_KEY_REUSE$/)
    const replayed = await submit({ workflow: colourGraph(1) }, headers)
    expect(replayed.body.id).toBe(all[0]!.body.id)
  })

  test.each(['/api/sessions', '/api/spaces'])('%s is made once under its key too', async (path) => {
    const headers = { 'idempotency-key': 'e2e-2' }
    const body = path === '/api/spaces' ? { name: 'Once' } : { title: 'Once' }
    const other = path === '/api/spaces' ? { name: 'Twice' } : { title: 'Twice' }
    const all = await Promise.all(Array.from({ length: 10 }, () => api.send('POST', path, body, headers)))

    expect(new Set(all.map((each) => each.body.id)).size).toBe(1)
    expectProblem(await api.send('POST', path, other, headers), 422, /^IDEMPOTENCY_KEY_REUSE$/)
  })
})

const unknownId = '01936f5e-0000-7000-8000-000000000000'

describe('a body', () => {
  test('of 30 MB is refused, soon', async () => {
    const started = performance.now()

    expectProblem(await run({ '1': { class_type: 'x'.repeat(30_000_000), inputs: {} } }), 413)
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  test('of 30 MB is refused by its length alone', async () => {
    const { status, sent } = await sendSlowly(api, 30_000_000)

    expect(status).toBe(413)
    expect(sent).toBeLessThan(30_000_000)
  })

  test('of 30 MB whose length nobody told is refused as well', async () => {
    const { status } = await sendSlowly(api, 30_000_000, { chunked: true })

    expect(status).toBe(413)
  })

  test.each([
    ['half a document', '{"workflow":', 400],
    ['nothing', '', 400],
    ['a text', '"workflow"', 422],
    ['NaN', '{"workflow":NaN}', 400],
    ['__proto__', '{"__proto__":{"admin":true},"workflow":{}}', 400],
    ['a hidden __proto__', '{"\\u005f_proto__":{"admin":true},"workflow":{}}', 400],
    ['deep nesting', `{"workflow":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 400],
    ['deep nesting never closed', '{"a":'.repeat(100_000), 400],
    ['a lone surrogate', '{"workflow":{"1":{"class_type":"\\ud800","inputs":{}}}}', 422],
    ['a NUL', '{"workflow":{"1":{"class_type":"a\\u0000b","inputs":{}}}}', 422],
    ['a number beyond all', '{"workflow":{"1":{"class_type":"EmptyImage","inputs":{"width":1e999}}}}', 422],
  ])('with %s is refused', async (_name, body, status) => {
    const started = performance.now()
    expectProblem(await submit(body), status)
    expect(performance.now() - started).toBeLessThan(5_000)
  })

  test.each([
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'image/png',
    'multipart/form-data',
  ])('of type %s is 415', async (type) => {
    expectProblem(await submit('{}', { 'content-type': type }), 415)
  })

  test('changes no prototype', async () => {
    await submit('{"constructor":{"prototype":{"polluted":1}},"workflow":{}}')
    const job = await api.finished(await api.submit(colourGraph(), { name: 'clean' }))
    expect(JSON.stringify(job)).not.toContain('polluted')
  })
})

describe('a path or a query', () => {
  test('with an id that is none is 404 everywhere', async () => {
    // A bundle is called what its maker likes; of a token the body is asked for first.
    const routes = (await describedRoutes(api)).filter(
      ({ path, method }) =>
        path.includes('{') &&
        !/\{hash\}|workers/.test(path) &&
        !(method === 'PUT' && /bundles|tokens/.test(path)),
    )
    const others: unknown[] = []
    for (const id of ['1', 'me', '..%2f..%2fetc', '%00', "'%20or%201=1--", '__proto__', 'x'.repeat(400)]) {
      for (const { method, path } of routes) {
        const answer = await api.send(method, path.replaceAll(/\{\w+\}/g, id), undefined)
        if (answer.status !== 404) others.push([method, path, id, answer.status])
        else expectProblem(answer, 404)
      }
    }
    expect(others).toEqual([])
  })

  test('that is nowhere is a problem document too', async () => {
    for (const path of ['/api', '/api/nothing', '/api/jobs/x/y/z', '/apix', '/.env', '/api/../etc/passwd']) {
      expectProblem(await api.get(path), 404)
    }
    expectProblem(await api.send('DELETE', '/api/jobs'), 404)
    for (const path of ['/api/%', '/api/jobs/%ff', '/api/jobs?cursor=%']) {
      const answer = await api.get(path)
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expectProblem(answer, answer.status)
      expect(answer.status).toBeLessThan(500)
    }
  })

  test.each(['jobs', 'assets', 'workflows', 'sessions', 'spaces', 'keys', 'users', 'audit'])(
    'of the list %s takes a cursor of ours and a limit that is one',
    async (list) => {
      for (const limit of ['0', '-1', '201', '1.5', 'many', '']) {
        expectProblem(await api.get(`/api/${list}?limit=${limit}`), 422)
      }
      for (const cursor of ['x', '../', btoa('{}'), btoa('["a"]'), 'a'.repeat(5_000), '%00']) {
        const answer = await api.get(`/api/${list}?cursor=${cursor}`)
        expect([400, 414, 422, 431], `${list} ${cursor.slice(0, 20)}`).toContain(answer.status)
        expectProblem(answer, answer.status)
      }
      expectProblem(await api.get(`/api/${list}?unknown=1`), 422)
    },
  )

  test.each([
    '/api/jobs?status=done',
    '/api/jobs?since=yesterday',
    '/api/assets?rating=6',
    '/api/assets?kind=poem',
    '/api/jobs?limit=1&limit=2',
    '/api/jobs?spaceId[]=1',
  ])('%s is 422', async (path) => expectProblem(await api.get(path), 422))

  test.each(['-1', 'x', '1e3', '99999999999999999999'])('after=%s is no place in the feed', async (after) => {
    const answer = await api.get(`/api/events?after=${after}`)
    expect([400, 422]).toContain(answer.status)
    expectProblem(answer, answer.status)
  })
})

describe('every answer', () => {
  test('keeps browsers careful, and other origins out', async () => {
    const answers = await Promise.all([
      fetch(`${services.url}/api/jobs`, { headers: { ...api.credentials, origin: 'https://evil.example' } }),
      fetch(`${services.url}/api/jobs`, { headers: { origin: 'https://evil.example' } }),
      fetch(`${services.url}/api/jobs`, {
        method: 'OPTIONS',
        headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
      }),
      fetch(`${services.url}/nothing`),
      fetch(services.url),
    ])
    for (const { headers } of answers) {
      expect(headers.get('access-control-allow-origin')).toBeNull()
      expect(headers.get('access-control-allow-credentials')).toBeNull()
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('x-frame-options')).toMatch(/DENY|SAMEORIGIN/)
      expect(headers.get('content-security-policy')).toMatch(/default-src '(self|none)'/)
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('x-powered-by')).toBeNull()
      expect(headers.get('server')).toBeNull()
    }
  })

  test('names the trace that the caller began', async () => {
    const traceId = 'a'.repeat(32)
    const answer = await api.send('GET', `/api/jobs/${unknownId}`, undefined, {
      traceparent: `00-${traceId}-${'b'.repeat(16)}-01`,
    })
    expect(answer.body.traceId).toBe(traceId)
  })
})

test('what was refused left nothing behind', async () => {
  const { body } = await api.get('/api/jobs?limit=200')
  const states = new Set((body.items as Json[]).map(({ status }) => status as string))
  expect(
    [...states].filter((state) => !['succeeded', 'failed', 'queued', 'running'].includes(state)),
  ).toEqual([])
  const last = await api.finished(await api.submit(samplerGraph(1, 2)))
  expect(last.status).toBe('succeeded')
})
