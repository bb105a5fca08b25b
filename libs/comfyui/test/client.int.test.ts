import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createComfyClient, imageSize, type ComfyEvent } from '../src/index.ts'
import { startReplay } from './support/replay-server.ts'

const quick = { quietMs: 40, unreachableMs: 300 }

test('a run that is aborted while it executes is interrupted, and only that one', async () => {
  await using server = await startReplay('0.33.0/07-interrupt', { ownInterrupts: true })
  await using client = createComfyClient({ baseUrl: server.baseUrl, limits: quick })
  await client.interrupt() // the recording begins with one
  await client.run(server.prompts[0]!)
  const [, slow] = server.prompts
  await server.reached(slow!.line)
  const controller = new AbortController()
  const onEvent = ({ type }: ComfyEvent) => type === 'progress' && controller.abort()

  const result = await client.run({ graph: slow!.graph, onEvent, signal: controller.signal })

  expect(result).toMatchObject({ status: 'interrupted', error: undefined })
  expect(server.asked.filter((line) => line === 'POST /interrupt')).toHaveLength(2)
  expect(server.asked).not.toContain('POST /queue')
})

test('a run that is aborted while it waits is taken out of the queue, and nothing is interrupted', async () => {
  await using server = await startReplay('0.33.0/02-success-simple', { hold: true })
  await using client = createComfyClient({ baseUrl: server.baseUrl, limits: quick })
  const controller = new AbortController()
  const onEvent = ({ type }: ComfyEvent) => type === 'queued' && controller.abort()

  const result = await client.run({ graph: server.prompts[0]!.graph, onEvent, signal: controller.signal })

  expect(result.status).toBe('interrupted')
  expect(server.asked).toContain('POST /queue')
  expect(server.asked).not.toContain('POST /interrupt')
})

test('a run that is aborted before it is sent is never sent', async () => {
  await using server = await startReplay('0.33.0/02-success-simple')
  await using client = createComfyClient({ baseUrl: server.baseUrl, limits: quick })

  const result = await client.run({ graph: server.prompts[0]!.graph, signal: AbortSignal.abort() })

  expect(result.status).toBe('interrupted')
  expect(server.asked).not.toContain('POST /prompt')
})

test('a prompt that a restart forgot is lost, and known to be within seconds', async () => {
  await using server = await startReplay('0.33.0/02-success-simple', { hold: true })
  await using client = createComfyClient({ baseUrl: server.baseUrl })
  const queued = Promise.withResolvers<void>()
  const running = client.run({ graph: server.prompts[0]!.graph, onEvent: () => queued.resolve() })
  await queued.promise

  server.forgetEverything()
  const startedAt = performance.now()
  const result = await running

  expect(result).toMatchObject({ status: 'lost', error: { kind: 'lost' } })
  expect(performance.now() - startedAt).toBeLessThan(10_000)
})

test('a server that stays away makes the run lost as unreachable', async () => {
  const server = await startReplay('0.33.0/02-success-simple', { hold: true })
  await using client = createComfyClient({ baseUrl: server.baseUrl, limits: quick })
  const queued = Promise.withResolvers<void>()
  const running = client.run({ graph: server.prompts[0]!.graph, onEvent: () => queued.resolve() })
  await queued.promise

  await server[Symbol.asyncDispose]()

  expect(await running).toMatchObject({ status: 'lost', error: { kind: 'unreachable' } })
})

test('where nothing listens, a run ends at once as unreachable', async () => {
  const server = await startReplay('0.33.0/02-success-simple')
  const { baseUrl, prompts } = server
  await server[Symbol.asyncDispose]()
  await using client = createComfyClient({ baseUrl })
  const startedAt = performance.now()

  const result = await client.run({ graph: prompts[0]!.graph })

  expect(result).toMatchObject({ status: 'lost', error: { kind: 'unreachable' } })
  expect(performance.now() - startedAt).toBeLessThan(5_000)
  expect(await client.ping()).toMatchObject({ ok: false })
})

test('a submission whose answer is lost is looked up, not sent again', async () => {
  await using server = await startReplay('0.33.0/02-success-simple', { loseAnswers: true })
  await using client = createComfyClient({ baseUrl: server.baseUrl, limits: quick })

  const result = await client.run({ graph: server.prompts[0]!.graph })

  expect(result).toMatchObject({ status: 'succeeded', outputs: [{ kind: 'image' }] })
  expect(result.comments).toContain('The answer to the submission was lost; the prompt was looked up')
  expect(server.asked.filter((line) => line === 'POST /prompt')).toHaveLength(1)
})

test('a prompt of a process that is gone can be followed to its end', async () => {
  await using server = await startReplay('0.33.0/02-success-simple')
  const first = createComfyClient({ baseUrl: server.baseUrl })
  const { promptId } = await first.submit({ graph: server.prompts[0]!.graph })
  await first[Symbol.asyncDispose]()
  await using client = createComfyClient({ baseUrl: server.baseUrl, clientId: first.clientId, limits: quick })

  const result = await client.watch(promptId)

  expect(result).toMatchObject({ promptId, status: 'succeeded', outputs: [{ nodeId: '4' }] })
})

test('an error of the listener rejects the run and harms no other', async () => {
  await using server = await startReplay('0.33.0/02-success-simple')
  await using client = createComfyClient({ baseUrl: server.baseUrl, limits: quick })
  const onEvent = ({ type }: ComfyEvent) => {
    if (type === 'started') throw new Error('listener')
  }

  const running = client.run({ graph: server.prompts[0]!.graph, onEvent })

  await expect(running).rejects.toThrow('listener')
  expect(client.connected).toBe(true)
})

test('a seed of 64 bits arrives with all its digits', async () => {
  await using server = await startReplay('0.33.0/02-success-simple')
  await using client = createComfyClient({ baseUrl: server.baseUrl, limits: quick })
  const { graph } = server.prompts[0]!

  await client.submit({
    graph: { ...graph, '1': { class_type: 'X', inputs: { seed: 18446744073709551615n } } },
  })

  expect(server.bodies[0]).toContain('"seed":18446744073709551615')
})

test('a server that takes the connection and says nothing runs into the deadline', async () => {
  const mute = createServer(() => {}).listen(0, '127.0.0.1')
  await once(mute, 'listening')
  const baseUrl = `http://127.0.0.1:${(mute.address() as AddressInfo).port}`
  await using client = createComfyClient({ baseUrl })

  const stats = client.systemStats({ timeoutMs: 50 })

  await expect(stats).rejects.toMatchObject({ code: 'deadline', extra: { reason: 'COMFYUI_TIMEOUT' } })
  mute.close()
})

test('a caller can give up a call', async () => {
  await using server = await startReplay('0.33.0/01-connect-and-info')
  await using client = createComfyClient({ baseUrl: server.baseUrl })

  const stats = client.systemStats({ signal: AbortSignal.abort(new Error('no more')) })

  await expect(stats).rejects.toThrow('no more')
})

test('an answer larger than the limit is refused', async () => {
  await using server = await startReplay('0.33.0/01-connect-and-info')
  await using client = createComfyClient({ baseUrl: server.baseUrl, limits: { answerBytes: 100 } })

  await expect(client.systemStats()).rejects.toMatchObject({ extra: { reason: 'ANSWER_TOO_LARGE' } })
})

test.each(['0.3.64', '0.33.0'])('what a server is and has can be asked (%s)', async (version) => {
  await using server = await startReplay(`${version}/01-connect-and-info`)
  await using client = createComfyClient({ baseUrl: server.baseUrl })

  expect(await client.ping()).toMatchObject({ ok: true, version })
  expect(await client.features()).toMatchObject({ supports_preview_metadata: true })
  expect(await client.nodeInfo('EmptyImage')).toMatchObject({ output: ['IMAGE'] })
  expect(await client.nodeInfo('NoSuchNode')).toBeUndefined()
  expect(await client.modelFolders()).toContain('checkpoints')
  expect(await client.models('checkpoints')).toEqual(
    version === '0.3.64' ? ['tiny-random-sd15.safetensors'] : [],
  )
  await expect(client.models('nosuchfolder')).rejects.toMatchObject({ code: 'not_found' })
  expect(await client.queueRemaining()).toBe(0)
  const jobs = await client.jobs()
  if (version === '0.3.64') expect(jobs).toBeUndefined()
  else expect(jobs).toEqual([])
})

test('a file comes as a stream, whole or a range of it', async () => {
  await using server = await startReplay('0.33.0/12-upload-view-history')
  await using client = createComfyClient({ baseUrl: server.baseUrl })
  const file = { filename: 'rec_a.png', subfolder: '', type: 'input' } as const

  await using whole = await client.view(file)
  const bytes = Buffer.concat(await Array.fromAsync(whole.stream))
  await using part = await client.view(file, { range: { start: 0, end: 3 } })
  const partBytes = Buffer.concat(await Array.fromAsync(part.stream))
  const missing = client.view({ ...file, filename: 'nope.png' })

  expect(whole).toMatchObject({ mime: 'image/png', etag: expect.any(String) })
  expect(imageSize(bytes)).toEqual({ width: 16, height: 16 })
  expect(part.totalSize).toBe(bytes.length)
  expect(partBytes).toEqual(bytes.subarray(0, 4))
  await expect(missing).rejects.toMatchObject({ code: 'not_found' })
})

test('an address with a password keeps it out of sight', () => {
  const client = createComfyClient({ baseUrl: 'http://user:secret@127.0.0.1:8188/comfy/' })

  expect(client.baseUrl).toBe('http://127.0.0.1:8188/comfy')
})

test('an address that is no http is refused', () => {
  expect(() => createComfyClient({ baseUrl: 'file:///etc/passwd' })).toThrow('http')
})
