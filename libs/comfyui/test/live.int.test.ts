import { afterAll, describe, expect, test } from 'vitest'
import {
  createComfyClient,
  fillDefaults,
  imageSize,
  readMetadata,
  sniffMime,
  validateGraph,
  type ComfyClient,
  type ComfyEvent,
  type Graph,
} from '../src/index.ts'
import { aPng } from './support/made-files.ts'

const url = process.env.EASEL_TEST_COMFYUI_URL
const client: ComfyClient | undefined = url === undefined ? undefined : createComfyClient({ baseUrl: url })

afterAll(() => client?.[Symbol.asyncDispose]())

test.runIf(!client)('not run: EASEL_TEST_COMFYUI_URL names no ComfyUI', () => {
  expect(client).toBeUndefined()
})

describe.runIf(client)('a real ComfyUI', () => {
  const comfy = client!

  test('an image is made, read back, and has its graph in it', async () => {
    const graph = anImageGraph()

    const result = await comfy.run({ graph })
    const bytes = await download(result.outputs[0]!.file!)

    expect(result).toMatchObject({ status: 'succeeded', comments: [], droppedOutputs: [] })
    expect(imageSize(bytes)).toEqual({ width: 64, height: 48 })
    expect(Object.keys((await readMetadata(bytes)).prompt!)).toEqual(['1', '2', '3'])
    expect(result.nodeTimings.map(({ nodeId }) => nodeId).toSorted()).toEqual(['1', '2', '3'])
  })

  test('video, audio, animation, text and a preview come out of one graph', async () => {
    const graph: Graph = {
      ...anImageGraph(6),
      '4': { class_type: 'CreateVideo', inputs: { images: ['1', 0], fps: 12 } },
      '5': { class_type: 'SaveVideo', inputs: { video: ['4', 0], filename_prefix: 'live/v' } },
      '6': { class_type: 'EmptyAudio', inputs: { duration: 0.2 } },
      '7': { class_type: 'SaveAudio', inputs: { audio: ['6', 0], filename_prefix: 'live/a' } },
      '8': { class_type: 'PrimitiveString', inputs: { value: `text ${Math.random()}` } },
      '9': { class_type: 'PreviewAny', inputs: { source: ['8', 0] } },
      '10': { class_type: 'PreviewImage', inputs: { images: ['1', 0] } },
      '11': { class_type: 'SaveAnimatedWEBP', inputs: { images: ['1', 0], filename_prefix: 'live/w' } },
    }
    const objectInfo = await comfy.objectInfo()
    const filled = fillDefaults(graph, objectInfo)

    const check = validateGraph(filled, objectInfo)
    const result = await comfy.run({ graph: filled })

    expect(check.faults).toEqual([])
    expect(result.status).toBe('succeeded')
    const kinds = new Map(result.outputs.map(({ nodeId, kind, temporary }) => [nodeId, { kind, temporary }]))
    expect(Object.fromEntries(kinds)).toEqual({
      '3': { kind: 'image', temporary: false },
      '5': { kind: 'video', temporary: false },
      '7': { kind: 'audio', temporary: false },
      '9': { kind: 'text', temporary: false },
      '10': { kind: 'image', temporary: true },
      '11': { kind: 'animation', temporary: false },
    })
    const video = result.outputs.find(({ kind }) => kind === 'video')!
    expect(sniffMime(await download(video.file!))).toBe('video/mp4')
  })

  test('an uploaded image keeps its name for the same bytes, gets another for others, and is loaded', async () => {
    const { outputs } = await comfy.run({ graph: anImageGraph() })
    const body = await download(outputs[0]!.file!)
    const filename = `live “ü” ${crypto.randomUUID()}.png`

    const first = await comfy.uploadImage({ filename, body, subfolder: 'live' })
    const same = await comfy.uploadImage({ filename, body: chunksOf(body), subfolder: 'live' })
    const other = await comfy.uploadImage({ filename, body: aPng([]), subfolder: 'live' })
    const result = await comfy.run({
      graph: {
        '1': { class_type: 'LoadImage', inputs: { image: first.inputName } },
        '2': { class_type: 'PreviewImage', inputs: { images: ['1', 0] } },
      },
    })

    expect(same).toEqual(first)
    expect(other.name).not.toBe(first.name)
    expect(result.status).toBe('succeeded')
    expect(imageSize(await download(result.outputs[0]!.file!))).toEqual(imageSize(body))
  })

  test('a slow run reports progress, and an abort interrupts it', async (context) => {
    if (!(await comfy.nodeInfo('ColorTransfer')))
      return void context.annotate('not run: no such node before 0.33')
    const controller = new AbortController()
    const events: ComfyEvent[] = []
    const onEvent = (event: ComfyEvent) => {
      events.push(event)
      if (event.type === 'progress' && event.value >= 2) controller.abort()
    }

    const result = await comfy.run({ graph: aSlowGraph(), onEvent, signal: controller.signal })

    expect(result.status).toBe('interrupted')
    expect(events.find((event) => event.type === 'progress')).toMatchObject({ nodeId: '3', max: 60 })
    expect(events.at(-1)?.type).toBe('ended')
    expect(await comfy.queueRemaining()).toBe(0)
  })

  test('a run that waits is taken out of the queue, and the one before it goes on', async (context) => {
    if (!(await comfy.nodeInfo('ColorTransfer')))
      return void context.annotate('not run: no such node before 0.33')
    const [first, second] = [new AbortController(), new AbortController()]
    const queued = Promise.withResolvers<void>()
    const running = comfy.run({
      graph: aSlowGraph(),
      signal: first.signal,
      onEvent: ({ type }) => type === 'progress' && queued.resolve(),
    })
    await queued.promise

    const onEvent = ({ type }: ComfyEvent) => type === 'queued' && second.abort()
    const waiting = await comfy.run({ graph: anImageGraph(), signal: second.signal, onEvent })
    const queue = await comfy.queue()
    first.abort()

    expect(waiting.status).toBe('interrupted')
    expect(queue.running).toHaveLength(1)
    expect((await running).status).toBe('interrupted')
  })

  test('a graph that is wrong in part runs in part', async () => {
    const graph = anImageGraph()
    graph['4'] = { class_type: 'SaveImage', inputs: { images: ['1', 0] } }

    const result = await comfy.run({ graph })

    expect(result).toMatchObject({ status: 'succeeded', droppedOutputs: ['4'], outputs: [{ nodeId: '3' }] })
    expect(result.nodeErrors).toMatchObject([{ path: 'workflow.4.inputs.filename_prefix' }])
  })

  test('a graph that is wrong is refused with paths', async () => {
    const graph = anImageGraph()
    graph['1']!.inputs.width = -1

    const result = await comfy.run({ graph })

    expect(result).toMatchObject({ status: 'failed', error: { kind: 'validation' } })
    expect(result.error!.faults).toMatchObject([{ path: 'workflow.1.inputs.width' }])
  })

  test('a node that fails says which and why', async () => {
    const broken = await comfy.uploadImage({ filename: 'live-broken.png', body: Buffer.from('no image') })
    const graph: Graph = {
      '1': { class_type: 'LoadImage', inputs: { image: broken.inputName } },
      '2': { class_type: 'PreviewImage', inputs: { images: ['1', 0] } },
    }

    const result = await comfy.run({ graph })

    expect(result).toMatchObject({
      status: 'failed',
      error: { kind: 'execution', nodeId: '1', classType: 'LoadImage' },
    })
    expect(result.error!.traceback!.length).toBeGreaterThan(0)
  })

  test('more memory than there is, is told as such', async () => {
    const graph = anImageGraph()
    Object.assign(graph['1']!.inputs, { width: 16_384, height: 16_384, batch_size: 4_096 })

    const result = await comfy.run({ graph })

    expect(result).toMatchObject({ status: 'failed', error: { kind: 'out-of-memory', nodeId: '1' } })
  })

  test('a run that was cached says so', async () => {
    const graph = anImageGraph()
    await comfy.run({ graph })

    const again = await comfy.run({ graph })

    expect(again).toMatchObject({ status: 'succeeded', outputs: [{ nodeId: '3', kind: 'image' }] })
    expect(again.nodeTimings.filter(({ cached }) => cached).length).toBeGreaterThan(0)
  })

  test('a prompt can be followed by another client', async () => {
    const graph = anImageGraph()
    const { promptId } = await comfy.submit({ graph })
    await using other = createComfyClient({ baseUrl: url! })

    const result = await other.watch(promptId)

    expect(result).toMatchObject({ promptId, status: 'succeeded', outputs: [{ kind: 'image' }] })
  })

  async function download(file: Parameters<ComfyClient['view']>[0]): Promise<Uint8Array> {
    await using viewed = await comfy.view(file)
    return Buffer.concat(await Array.fromAsync(viewed.stream))
  }
})

/** Another color each time, so that nothing is cached. */
function anImageGraph(batch = 1): Graph {
  const color = Math.floor(Math.random() * 0xffffff)
  return {
    '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 48, batch_size: batch, color } },
    '2': { class_type: 'ImageInvert', inputs: { image: ['1', 0] } },
    '3': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'live/i' } },
  }
}

/** Half a minute, with progress. */
function aSlowGraph(): Graph {
  const image = (batch: number) => ({
    class_type: 'EmptyImage',
    inputs: { width: 1024, height: 1024, batch_size: batch, color: Math.floor(Math.random() * 0xffffff) },
  })
  return {
    '1': image(60),
    '2': image(1),
    '3': {
      class_type: 'ColorTransfer',
      inputs: {
        image_target: ['1', 0],
        image_ref: ['2', 0],
        method: 'reinhard_lab',
        source_stats: 'per_frame',
        strength: 0.5,
      },
    },
    '4': { class_type: 'PreviewImage', inputs: { images: ['3', 0] } },
  }
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += 100) yield bytes.subarray(offset, offset + 100)
}
