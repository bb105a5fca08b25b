import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { idFromName, newId } from '@easel/protocol'
import type { JobOutput } from '@easel/contracts'
import { everyKindGraph, inputGraph, pictureGraph } from './support/graphs.ts'
import { bytesOf, startBench } from './support/worker-bench.ts'

/** What the simulator wrote under this name, wherever that is. */
async function written(directory: string, { filename }: JobOutput): Promise<Buffer> {
  const names = await readdir(directory, { recursive: true })
  const found = names.find((name) => name.endsWith(`/${filename}`))
  return readFile(join(directory, found!))
}

test('a picture comes into the blob store byte for byte as ComfyUI wrote it', async () => {
  await using bench = await startBench()
  await bench.readyWorker()

  const end = await bench.run(pictureGraph())

  const [output] = end.outputs
  expect(end).toMatchObject({ result: 'succeeded', retryable: false, warnings: [] })
  expect(output).toMatchObject({
    index: 0,
    assetId: await idFromName(end.jobId, '0'),
    kind: 'image',
    mime: 'image/png',
    node: '4',
    key: 'images',
    width: 64,
    height: 64,
    temporary: false,
  })
  const bytes = await bytesOf(bench.blobs, output!.hash)
  expect(bytes.equals(await written(bench.sim.baseDirectory, output!))).toBe(true)
  expect(output!.bytes).toBe(bytes.length)
  expect(bytes.includes('prompt')).toBe(true)
})

test('every kind of output is kept, in the order of the graph', async () => {
  await using bench = await startBench()
  await bench.readyWorker()

  const end = await bench.run(everyKindGraph())

  expect(end.error).toBeUndefined()
  expect(end.outputs.map(({ node, kind, mime }) => [node, kind, mime])).toEqual([
    ['4', 'video', 'video/mp4'],
    ['5', 'video', 'video/webm'],
    ['7', 'audio', 'audio/flac'],
    ['9', 'latent', 'application/octet-stream'],
    ['11', 'text', 'text/plain'],
    ['12', 'animation', 'image/webp'],
    ['20', 'image', 'image/png'],
    ['20', 'image', 'image/png'],
    ['30', 'image', 'image/png'],
    ['30', 'image', 'image/png'],
  ])
  expect(end.outputs.map(({ index }) => index)).toEqual([...end.outputs.keys()])
  expect(end.outputs.map(({ temporary }) => temporary)).toEqual([
    ...Array<boolean>(8).fill(false),
    true,
    true,
  ])
  for (const output of end.outputs.filter(({ kind }) => kind !== 'text')) {
    const bytes = await bytesOf(bench.blobs, output.hash)
    expect(bytes.equals(await written(bench.sim.baseDirectory, output))).toBe(true)
  }
  const text = end.outputs.find(({ kind }) => kind === 'text')!
  expect(text.text).toBe('Schön & <b>wahr</b>')
  expect((await bytesOf(bench.blobs, text.hash)).toString()).toBe('Schön & <b>wahr</b>')
})

test('an input is uploaded once, under a name of our own', async () => {
  await using bench = await startBench()
  await bench.readyWorker()
  const source = await bench.run(pictureGraph({ color: 0 }))
  const { hash } = source.outputs[0]!
  const inputs = [
    { key: '1.image', assetId: newId(), blob: hash, filename: '../../evil\u202e.php', mime: 'image/png' },
  ]

  const first = await bench.run(inputGraph(), { inputs })
  const second = await bench.run(inputGraph(), { inputs })

  expect([first.result, second.result]).toEqual(['succeeded', 'succeeded'])
  expect(first.timings.inputsMs).toBeGreaterThanOrEqual(0)
  const uploaded = await readdir(join(bench.sim.baseDirectory, 'input'), { recursive: true })
  expect(uploaded).toContain(`easel/${hash.slice('blake3:'.length)}.png`)
  expect(uploaded.filter((name) => name.endsWith('.png'))).toHaveLength(1)
})

test('an input whose blob is gone fails the job for good', async () => {
  await using bench = await startBench()
  await bench.readyWorker()
  const blob = `blake3:${'0'.repeat(64)}`
  const inputs = [{ key: '1.image', assetId: newId(), blob, filename: 'a.png', mime: 'image/png' }]

  const end = await bench.run(inputGraph(), { inputs })

  expect(end).toMatchObject({ result: 'failed', retryable: false, error: { code: 'BLOB_NOT_FOUND' } })
})

test('the workflow goes into the files', async () => {
  await using bench = await startBench()
  await bench.readyWorker()

  const end = await bench.run(pictureGraph(), { extra: { workflow: { nodes: [], mark: 'drawn by hand' } } })

  const bytes = await bytesOf(bench.blobs, end.outputs[0]!.hash)
  expect(bytes.toString('latin1')).toContain('drawn by hand')
})
