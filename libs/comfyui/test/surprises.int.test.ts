import { expect, test } from 'vitest'
import {
  createComfyClient,
  toAppError,
  type ClientNotice,
  type ComfyClient,
  type ComfyEvent,
  type Graph,
  type RunResult,
} from '../src/index.ts'
import { startReplay, type ReplayOptions, type ReplayServer } from './support/replay-server.ts'
import type { RecordedPrompt } from './support/transcript.ts'

// The numbers are those of the list of behaviours that surprise a client author.

test('1: a prompt of which ComfyUI drops some outputs succeeds with the others and says what was dropped', async () => {
  await using replay = await open('0.33.0/05-validation-failure')

  const { result } = await replay.runWhere(
    ({ graph }) => graph['7']?.class_type === 'SaveImage' && '9' in graph,
  )

  expect(result).toMatchObject({ status: 'succeeded', droppedOutputs: ['7', '9'] })
  expect(result.nodeErrors.map(({ path }) => path)).toContain('workflow.8.inputs.upscale_method')
  expect(result.comments[0]).toContain('7, 9')
})

test('2: a refused graph fails with the cause found in node_errors, as faults with paths', async () => {
  await using replay = await open('0.33.0/05-validation-failure')

  const { result } = await replay.runWhere(({ graph }) => graph['2']?.inputs?.crop === 3)

  expect(result).toMatchObject({ status: 'failed', error: { kind: 'validation' } })
  expect(result.error!.faults!.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      'workflow.2.inputs.crop',
      'workflow.2.inputs.upscale_method',
      'workflow.2.inputs.width',
    ]),
  )
  expect(toAppError(result.error!)).toMatchObject({ code: 'invalid', extra: { reason: 'GRAPH_INVALID' } })
})

test.each(['0.3.64', '0.33.0'])(
  '2: an unknown node class is named, though node_errors is empty (%s)',
  async (version) => {
    await using replay = await open(`${version}/05-validation-failure`)

    const { result } = await replay.runWhere(({ graph }) => graph['2']?.class_type === 'NoSuchNode')

    expect(result.error!.faults).toEqual([
      { path: 'workflow.2.class_type', message: 'Unknown node class NoSuchNode' },
    ])
  },
)

test('3: the result waits for the history, which is written after execution_success', async () => {
  await using replay = await open('0.33.0/02-success-simple', { historyLag: 6 })

  const { result } = await replay.runNext()

  expect(result).toMatchObject({ status: 'succeeded', outputs: [{ kind: 'image' }] })
})

test('4: what other clients run is not told as ours', async () => {
  await using replay = await open('0.33.0/02-success-simple')
  const foreign = { prompt_id: 'b9b8ac37-6ee0-4cb6-8b9a-0bd26b4a9a6c', node: '3', value: 1, max: 2 }
  const prompt = replay.server.prompts[0]!

  const { result, events } = await replay.run(prompt, (event) => {
    if (event.type !== 'queued') return
    replay.server.send({ type: 'execution_start', data: foreign })
    replay.server.send({ type: 'progress', data: foreign })
    replay.server.send({ type: 'execution_interrupted', data: foreign })
    replay.server.send(Buffer.from('000000010000000189504e47', 'hex'))
  })

  expect(result.status).toBe('succeeded')
  expect(events.filter(({ type }) => type === 'progress' || type === 'preview')).toEqual([])
})

test('5: a run whose messages never come is found finished in the history, and the socket is renewed', async () => {
  await using replay = await open('0.33.0/02-success-simple', { mute: true }, { quietMs: 1_000 })
  const startedAt = performance.now()

  const { result } = await replay.runNext()

  expect(result).toMatchObject({ status: 'succeeded', outputs: [{ nodeId: '4' }] })
  expect(performance.now() - startedAt).toBeLessThan(10_000)
  expect(replay.notices.map(({ type }) => type)).toContain('silent-socket')
  await expect.poll(() => replay.server.asked.filter((line) => line.startsWith('WS')).length).toBe(2)
})

test('6: after a reconnect in the middle, executing without a prompt id belongs to the run that was going', async () => {
  await using replay = await open('0.33.0/07-interrupt', { ownInterrupts: true })
  const prompt = replay.server.prompts[1]!
  let broken = false

  const running = replay.runAfterEarlier(prompt, (event) => {
    if (event.type !== 'progress' || broken) return
    broken = true
    replay.server.dropSockets()
  })
  await expect.poll(() => replay.server.asked.filter((line) => line.startsWith('WS')).length).toBe(2)
  replay.server.send({ type: 'executing', data: { node: '3' } })
  await replay.client.interrupt()
  const { result, events } = await running

  expect(result.status).toBe('interrupted')
  expect(result.comments).toContain(
    'The connection broke during the run; previews and timings may be missing',
  )
  expect(events.filter(({ type }) => type === 'ended')).toHaveLength(1)
})

test('7: cached outputs come without executing, and an output of null is no output', async () => {
  await using replay = await open('0.33.0/16-testing-pack-nodes')

  const found = await replay.runAll()

  const cached = found.find(
    ({ events }) => events.some(({ type }) => type === 'cached') && events.some(isOutput('3')),
  )!
  expect(cached.result).toMatchObject({
    status: 'succeeded',
    outputs: [{ file: { filename: expect.any(String) } }],
  })
  expect(cached.result.nodeTimings.some((timing) => timing.cached)).toBe(true)
})

test('8: an interrupted run is told from a failed one', async () => {
  await using replay = await open('0.33.0/07-interrupt')

  const found = await replay.runAll()

  const interrupted = found.filter(({ result }) => result.status === 'interrupted')
  expect(interrupted.length).toBeGreaterThan(1)
  expect(interrupted.every(({ result }) => result.error === undefined)).toBe(true)
})

test('9: a prompt that somebody took out of the queue leaves no trace and is lost', async () => {
  await using replay = await open('0.33.0/09-queue-delete-and-clear')

  const found = await replay.runAll()

  const lost = found.filter(({ result }) => result.status === 'lost')
  expect(lost.length).toBeGreaterThan(0)
  expect(lost[0]!.result.error).toMatchObject({ kind: 'lost' })
  expect(lost[0]!.events.map(({ type }) => type)).toEqual(['queued', 'ended'])
})

test.each(['0.3.64', '0.33.0'])(
  '10: a blocked node is a comment on a success, not a failure (%s)',
  async (version) => {
    await using replay = await open(`${version}/16-testing-pack-nodes`)

    const found = await replay.runAll()

    const blocked = found.filter(({ result }) =>
      result.comments.some((comment) => comment.includes('was blocked')),
    )
    expect(blocked).toHaveLength(1)
    expect(blocked[0]!.result).toMatchObject({ status: 'succeeded', outputs: [], error: undefined })
  },
)

test('10: an error after which nothing came is a failure, even when history says success', async () => {
  await using replay = await open('0.33.0/16-testing-pack-nodes')

  const found = await replay.runAll()

  const cycle = found.find(({ prompt }) => prompt.graph['2']?.class_type === 'TestDynamicDependencyCycle')!
  expect(cycle.result).toMatchObject({ status: 'failed', error: { kind: 'execution', nodeId: '2' } })
})

test('11: progress that skips values and comes as fractions goes up to the end and never back', async () => {
  await using replay = await open('0.33.0/16-testing-pack-nodes')

  const { events, result } = await replay.runNext()

  const progress = events.filter((event) => event.type === 'progress')
  expect(progress.length).toBeGreaterThan(3)
  expect(progress.every(({ overall }, i) => overall >= (progress[i - 1]?.overall ?? 0) && overall <= 1)).toBe(
    true,
  )
  expect(new Set(progress.map(({ nodeId, value }) => `${nodeId} ${value}`)).size).toBe(progress.length)
  expect(result.nodeTimings.find(({ classType }) => classType === 'TestSleep')).toMatchObject({
    cached: false,
  })
})

test('12: video, animation, audio, text and latents are told apart whatever key they come under', async () => {
  await using replay = await open('0.33.0/13-video-audio-animation-outputs')

  const found = await replay.runAll()

  const kinds = found.flatMap(({ result }) => result.outputs.map(({ kind, key }) => `${kind} in ${key}`))
  expect([...new Set(kinds)].toSorted()).toEqual([
    'animation in images',
    'audio in audio',
    'image in images',
    'latent in latents',
    'text in text',
    'video in images',
  ])
  const previews = found.flatMap(({ result }) => result.outputs).filter(({ temporary }) => temporary)
  expect(previews.length).toBeGreaterThanOrEqual(5)
  expect(previews.every(({ file }) => file?.type === 'temp')).toBe(true)
})

test.each(['A', 'B'])(
  '13: images over the socket are outputs, with and without metadata in the frame (%s)',
  async (side) => {
    await using replay = await open('0.33.0/11-binary-preview', { client: side })

    const { result } = await replay.runNext()

    expect(result.outputs.map(({ kind, nodeId, data }) => [kind, nodeId, data?.mime])).toEqual([
      ['image', '2', 'image/png'],
      ['image', '2', 'image/png'],
    ])
    expect(result.outputs[0]!.data!.bytes.subarray(1, 4)).toEqual(new Uint8Array(Buffer.from('PNG')))
  },
)

test('13: the first message on a socket asks for previews with metadata', async () => {
  await using replay = await open('0.33.0/11-binary-preview')

  await replay.client.connect()

  await expect
    .poll(() => replay.server.asked)
    .toContain('WS {"type":"feature_flags","data":{"supports_preview_metadata":true}}')
})

test('13: previews of a sampler are previews of its node', async () => {
  await using replay = await open('0.33.0/15-ksampler-random-weights')

  const found = await replay.runAll()

  const previews = found.flatMap(({ events }) => events.filter((event) => event.type === 'preview'))
  expect(previews.length).toBeGreaterThan(3)
  const ids = new Set(previews.map(({ nodeId }) => nodeId))
  const samplers = found.flatMap(({ prompt }) =>
    Object.keys(prompt.graph).filter((id) => isSampler(prompt.graph, id)),
  )
  expect([...ids].every((id) => samplers.includes(id!))).toBe(true)
})

test('14: the prompt id is a lower-case UUID, and one that is followed is not sent again', async () => {
  await using replay = await open('0.33.0/02-success-simple')
  const { graph } = replay.server.prompts[0]!

  const first = replay.client.run({ graph })
  const { promptId } = await first
  const twice = [0, 1].map(() => replay.client.watch(promptId, { graph }))

  expect(promptId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  expect((await Promise.allSettled(twice)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
})

test('15: a bad key of a dynamic input fails at run time and says where', async () => {
  await using replay = await open('0.33.0/05-validation-failure')

  const { result } = await replay.runWhere(({ graph }) => graph['3']?.inputs?.source_stats === 'zzz')

  expect(result).toMatchObject({ status: 'failed', error: { kind: 'execution' } })
  expect(result.error!.nodeId).toBeTruthy()
  expect(result.error!.traceback!.length).toBeGreaterThan(0)
})

test('16: an upload says under which name ComfyUI kept the file, and a name with folders is never sent', async () => {
  await using replay = await open('0.33.0/12-upload-view-history')
  const file = { filename: 'rec_a.png', body: Buffer.from('bytes') }

  const first = await replay.client.uploadImage(file)
  await replay.client.uploadImage(file)
  const third = await replay.client.uploadImage(file)
  const refused = replay.client.uploadImage({ ...file, filename: '../../x.png' })

  expect([first.name, third.name, third.inputName]).toEqual(['rec_a.png', 'rec_a (1).png', 'rec_a (1).png'])
  await expect(refused).rejects.toMatchObject({ code: 'invalid', extra: { reason: 'FILENAME_INVALID' } })
})

type Ran = { prompt: RecordedPrompt; result: RunResult; events: ComfyEvent[] }

/** A server that replays and a client at it. */
async function open(name: string, options: ReplayOptions = {}, { quietMs = 40 } = {}) {
  const server = await startReplay(name, options)
  const notices: ClientNotice[] = []
  const client = createComfyClient({
    baseUrl: server.baseUrl,
    limits: { quietMs },
    onNotice: (notice) => notices.push(notice),
  })
  return new OpenReplay(server, client, notices)
}

class OpenReplay implements AsyncDisposable {
  readonly server: ReplayServer
  readonly client: ComfyClient
  readonly notices: ClientNotice[]

  constructor(server: ReplayServer, client: ComfyClient, notices: ClientNotice[]) {
    this.server = server
    this.client = client
    this.notices = notices
  }

  async run(prompt: RecordedPrompt, onEvent?: (event: ComfyEvent) => void): Promise<Ran> {
    await this.server.reached(prompt.line)
    const events: ComfyEvent[] = []
    const { graph, extraData } = prompt
    const result = await this.client.run({
      graph,
      extraData,
      onEvent: (event) => {
        events.push(event)
        onEvent?.(event)
      },
    })
    return { prompt, result, events }
  }

  runNext(): Promise<Ran> {
    return this.run(this.server.prompts[0]!)
  }

  async runWhere(wanted: (prompt: RecordedPrompt) => boolean): Promise<Ran> {
    return (await this.runAll()).find(({ prompt }) => wanted(prompt))!
  }

  async runAfterEarlier(prompt: RecordedPrompt, onEvent: (event: ComfyEvent) => void): Promise<Ran> {
    for (const earlier of this.server.prompts.slice(0, this.server.prompts.indexOf(prompt))) {
      // The recorder asked for this interrupt before its first run, when nothing was running.
      if (!this.server.prompts.includes(earlier)) continue
      await this.client.interrupt()
      await this.run(earlier)
    }
    return this.run(prompt, onEvent)
  }

  /** In the order of the recording, overlapping where it did. */
  async runAll(): Promise<Ran[]> {
    const runs: Promise<Ran>[] = []
    for (const prompt of this.server.prompts) {
      const run = this.run(prompt)
      runs.push(run)
      await Promise.race([run, this.server.reached(prompt.line + 1)])
    }
    return Promise.all(runs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]()
    await this.server[Symbol.asyncDispose]()
  }
}

const isOutput = (nodeId: string) => (event: ComfyEvent) => event.type === 'output' && event.nodeId === nodeId
const isSampler = (graph: Graph, id: string) => graph[id]!.class_type.startsWith('KSampler')
