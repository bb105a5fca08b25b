import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { waitFor } from '@easel/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { colourGraph, invertGraph, mediaGraphs, partlyInvalidGraph, samplerGraph } from '../support/graphs.ts'
import { openSocket } from '../support/listen.ts'
import { must } from '../support/people.ts'
import { freePort } from '@easel/embedded'
import { bootstrapKey, startStandalone } from '../support/standalone.ts'
import type { Json } from '../support/api.ts'
import type { Standalone } from '../support/standalone.ts'

/** A real server, for what must hold there as well as with the simulator. */
const comfyUrl = process.env.EASEL_TEST_COMFYUI_URL
/** A program that starts one on the port that it is given as argument: for a server that dies. */
const command = process.env.EASEL_TEST_COMFYUI_COMMAND

test.runIf(!comfyUrl)('not run: EASEL_TEST_COMFYUI_URL names no ComfyUI', () => {
  expect(comfyUrl).toBeUndefined()
})
test.runIf(!command)('not run: EASEL_TEST_COMFYUI_COMMAND starts no ComfyUI that may be killed', () => {
  expect(command).toBeUndefined()
})

const outputsOf = (job: Json) => job.outputs as { url: string; assetId: string }[]
const waitMs = 120_000

describe.runIf(comfyUrl)('with a real ComfyUI', { timeout: 180_000 }, () => {
  let easel: Standalone
  let api: Api
  beforeAll(async () => {
    easel = await startStandalone({ EASEL_COMFYUI_URLS: comfyUrl! })
    api = new Api(easel.url, bootstrapKey)
  }, 120_000)
  afterAll(() => easel?.[Symbol.asyncDispose]())

  const run = async (workflow: Json, more: Json = {}) =>
    api.finished(await api.submit(workflow, more), waitMs)

  test('a graph becomes a picture, byte for byte what ComfyUI wrote', async () => {
    const color = Math.floor(Math.random() * 0xffffff)
    const job = await run(colourGraph(color))

    expect(job).toMatchObject({
      status: 'succeeded',
      error: null,
      outputs: [{ kind: 'image', mime: 'image/png', width: 128, height: 96, filename: expect.any(String) }],
    })
    const { url, assetId, filename } = outputsOf(job)[0] as Json
    const bytes = await api.bytes(String(url))
    const written = await fetch(`${comfyUrl}/view?filename=${String(filename)}&type=output`)
    expect(bytes.equals(Buffer.from(await written.arrayBuffer()))).toBe(true)
    expect(bytes.includes('tEXtprompt')).toBe(true)
    const asset = await must(api.get(`/api/assets/${String(assetId)}`), 200)
    expect(asset).toMatchObject({ bytes: bytes.length, graph: { '1': { inputs: { color } } } })
    const thumbnail = await api.bytes(`/api/assets/${String(assetId)}/thumbnail?size=256`)
    expect(thumbnail.subarray(8, 12).toString()).toBe('WEBP')
    const { items } = await must(api.get('/api/system/workers'), 200)
    expect(items).toMatchObject([{ simulator: false, comfyVersion: expect.stringMatching(/^0\./) }])
  })

  test.each([
    ['video', 'video/mp4', 'ftyp'],
    ['audio', 'audio/flac', 'fLaC'],
  ] as const)('a graph becomes a %s', async (kind, mime, magic) => {
    const job = await run(mediaGraphs[kind])

    expect(job).toMatchObject({ status: 'succeeded', error: null, outputs: [{ kind, mime }] })
    expect((await api.bytes(outputsOf(job)[0]!.url)).subarray(0, 8).toString()).toContain(magic)
  })

  test('a graph becomes a text', async () => {
    const job = await run(mediaGraphs.text)

    expect(job).toMatchObject({
      status: 'succeeded',
      outputs: [{ kind: 'text', text: 'What a text says: äöü ✓' }],
    })
  })

  test('an upload is an input', async () => {
    const picture = await api.bytes(outputsOf(await run(colourGraph(0x102030)))[0]!.url)
    const { id } = await must(
      api.send('POST', '/api/assets?filename=photo.png', picture, { 'content-type': 'image/png' }),
      201,
    )

    const job = await run(invertGraph('example.png'), { inputs: { '1.image': `asset:${String(id)}` } })

    expect(job).toMatchObject({ status: 'succeeded', outputs: [{ width: 128, height: 96 }] })
  })

  test('the same graph again gives its picture again', async () => {
    const [first, second] = [await run(colourGraph(5)), await run(colourGraph(5))]

    for (const job of [first, second]) expect(job).toMatchObject({ status: 'succeeded', outputs: [{}] })
    expect(outputsOf(first)[0]!.assetId).not.toBe(outputsOf(second)[0]!.assetId)
  })

  test('a graph that is partly invalid does the rest, and names what was dropped', async () => {
    const job = await run(partlyInvalidGraph())

    expect(job).toMatchObject({ status: 'succeeded', error: null, outputs: [{ node: '3' }] })
    expect((job.warnings as Json[]).map(({ path }) => path as string)).toContain('workflow.4.inputs.width')
  })

  test('a node that fails is named', async () => {
    const file = Buffer.from('no picture at all')
    const { id } = await must(
      api.send('POST', '/api/assets?filename=text.png', file, { 'content-type': 'image/png' }),
      201,
    )

    const job = await run(invertGraph('x.png'), { inputs: { '1.image': `asset:${String(id)}` } })

    expect(job).toMatchObject({
      status: 'failed',
      error: { code: 'NODE_FAILED', node: '1', nodeClass: 'LoadImage', message: expect.any(String) },
      attempts: [{ number: 1 }],
    })
  })

  test('a bad graph is refused with its faults before ComfyUI sees it', async () => {
    const graph = colourGraph()
    graph['2'].inputs.crop = 'sideways'
    graph['1'].inputs.width = 99_999

    const { status, body } = await api.send('POST', '/api/jobs', { workflow: graph })

    expect(status).toBe(422)
    expect((body.errors as Json[]).map(({ path }) => path as string).sort()).toEqual([
      'workflow.1.inputs.width',
      'workflow.2.inputs.crop',
    ])
  })

  test('a running job is canceled, and the next one runs', async () => {
    const withProgress =
      'ColorTransfer' in ((await (await fetch(`${comfyUrl}/object_info/ColorTransfer`)).json()) as Json)
    const id = await api.submit(withProgress ? slowGraph() : slowChain())
    const isAtWork = ({ status, progress }: Json) =>
      status === 'running' && (!withProgress || progress?.step > 0)
    await waitFor(async () => isAtWork((await api.get(`/api/jobs/${id}`)).body), { timeoutMs: waitMs })
    const started = performance.now()

    await must(api.send('POST', `/api/jobs/${id}/cancel`), 200)
    const job = await api.finished(id)

    expect(job).toMatchObject({ status: 'canceled', outputs: [] })
    // ComfyUI looks for the interrupt between two frames.
    expect(performance.now() - started).toBeLessThan(15_000)
    expect((await run(colourGraph(6))).status).toBe('succeeded')
  })

  test('a sampler shows what it makes, where there is a checkpoint', async (context) => {
    const names = (await (await fetch(`${comfyUrl}/models/checkpoints`)).json()) as string[]
    if (names.length === 0) return void context.annotate('not run: this ComfyUI has no checkpoint')
    using socket = await openSocket(easel.url, { headers: api.credentials })
    const graph = samplerGraph(Date.now(), 6)
    graph['4'].inputs.ckpt_name = names[0]

    const id = await api.submit(graph)
    const job = await api.finished(id, waitMs)

    expect(job).toMatchObject({ status: 'succeeded', outputs: [{ kind: 'image' }] })
    const types = socket.heard.filter(({ data }) => (data.jobId ?? data.id) === id).map(({ type }) => type)
    expect(types).toContain('job.progress')
    expect(types).toContain('job.preview')
    for (const { bytes } of socket.heard.filter(({ type }) => type === 'job.preview')) {
      expect(bytes!.subarray(0, 2).toString('hex')).toMatch(/^(ffd8|8950)$/)
    }
  })
})

describe.runIf(command)('with a real ComfyUI that dies', { timeout: 400_000 }, () => {
  test('in the middle of a job: it runs again when there is a server, and is there once', async () => {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    await using first = await startComfy(port)
    await using easel = await startStandalone({ EASEL_COMFYUI_URLS: url })
    const api = new Api(easel.url, bootstrapKey)
    const ids = [await api.submit(slowGraph(12)), await api.submit(colourGraph(9))]
    await waitFor(async () => (await api.get(`/api/jobs/${ids[0]}`)).body.progress?.step > 0, {
      timeoutMs: waitMs,
      describe: 'progress before the death',
    })

    await first[Symbol.asyncDispose]()
    await using _second = await startComfy(port)
    const jobs = await Promise.all(ids.map((id) => api.finished(id, 240_000)))

    expect(jobs.map(({ status }) => status as string)).toEqual(['succeeded', 'succeeded'])
    expect((jobs[0]!.attempts as Json[]).length).toBeGreaterThan(1)
    for (const job of jobs) {
      expect(job.outputs).toHaveLength(1)
      expect((await api.bytes(outputsOf(job)[0]!.url)).length).toBe((outputsOf(job)[0] as Json).bytes)
      const { body } = await api.get(`/api/assets?jobId=${job.id as string}`)
      expect(body.items).toHaveLength(1)
    }
  })
})

/** Slow, and with progress, though it needs no model. */
function slowGraph(frames = 400): Json {
  return {
    '1': {
      class_type: 'EmptyImage',
      inputs: { width: 768, height: 768, batch_size: frames, color: Math.floor(Math.random() * 0xffffff) },
    },
    '2': { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0x336699 } },
    '3': {
      class_type: 'ColorTransfer',
      inputs: {
        image_target: ['1', 0],
        image_ref: ['2', 0],
        method: 'mkl_lab',
        source_stats: 'per_frame',
        strength: 1,
      },
    },
    '4': { class_type: 'ImageFromBatch', inputs: { image: ['3', 0], batch_index: 0, length: 1 } },
    '5': { class_type: 'SaveImage', inputs: { images: ['4', 0], filename_prefix: 'slow' } },
  }
}

/** As slow, for a ComfyUI before ColorTransfer: an interrupt takes effect between two of these. */
function slowChain(length = 30): Json {
  const graph: Json = {
    '1': {
      class_type: 'EmptyImage',
      inputs: { width: 512, height: 512, batch_size: 4, color: Math.floor(Math.random() * 0xffffff) },
    },
  }
  for (let node = 2; node <= length; node++) {
    const size = 512 + node
    graph[node] = {
      class_type: 'ImageScale',
      inputs: {
        image: [String(node - 1), 0],
        upscale_method: 'lanczos',
        width: size,
        height: size,
        crop: 'disabled',
      },
    }
  }
  graph.save = { class_type: 'SaveImage', inputs: { images: [String(length), 0], filename_prefix: 'slow' } }
  return graph
}

/** In a group of its own: what the program starts dies with it. */
async function startComfy(port: number): Promise<AsyncDisposable> {
  const child = spawn(command!, [String(port)], { stdio: 'ignore', detached: true })
  const ended = once(child, 'exit')
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL')
    await ended
  }
  try {
    await waitFor(async () => (await fetch(`http://127.0.0.1:${port}/system_stats`)).ok, {
      timeoutMs: 180_000,
      describe: 'a ComfyUI',
    })
  } catch (cause) {
    await stop()
    throw cause
  }
  return { [Symbol.asyncDispose]: stop }
}
