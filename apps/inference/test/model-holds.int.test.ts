import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ModelFileRef } from '@easel/contracts'
import { tempDirectory } from '@easel/testing'
import { expect, test } from 'vitest'
import { ModelCache } from '../src/worker/models/model-cache.ts'

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const signal = new AbortController().signal
const script = fileURLToPath(new URL('support/model-holder.main.ts', import.meta.url))

async function put(hub: string, bytes: Buffer, name: string): Promise<ModelFileRef> {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const blob = join(hub, 'sha256', sha256.slice(0, 2), sha256)
  await mkdir(dirname(blob), { recursive: true })
  await writeFile(blob, bytes)
  return { folder: 'loras', name, sha256, bytes: bytes.length }
}

/** Another worker of the node, which holds the model. */
async function startHolder(directory: string, hub: string, file: ModelFileRef) {
  const child = spawn(
    process.execPath,
    [
      '--conditions=@easel/source',
      '--disable-warning=ExperimentalWarning',
      script,
      directory,
      hub,
      JSON.stringify(file),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = once(child, 'exit')
  await once(child.stdout, 'data')
  return {
    freeze: () => child.kill('SIGSTOP'),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

test('what another worker of the node uses is neither evicted nor renamed, until it is gone', async () => {
  await using disk = await tempDirectory()
  const hub = join(disk.path, 'hub')
  const directory = join(disk.path, 'models')
  const [one, other] = [randomBytes(10_000), randomBytes(10_000)]
  const held = await put(hub, one, 'a.safetensors')
  const same = await put(hub, other, 'a.safetensors')
  const cache = await ModelCache.open(
    { directory, maxBytes: null, hub: { kind: 'directory', path: hub } },
    { log, recentMs: 0 },
  )
  const name = join(directory, 'loras/a.safetensors')
  {
    await using holder = await startHolder(directory, hub, held)
    await expect(cache.hold([same], signal)).rejects.toMatchObject({ reason: 'MODEL_FETCH_FAILED' })
    holder.freeze()
    await expect(cache.hold([same], signal)).rejects.toMatchObject({ reason: 'MODEL_FETCH_FAILED' })
    expect(await readFile(name)).toEqual(one)
  }

  using _now = await cache.hold([same], signal)

  expect(await readFile(name)).toEqual(other)
  await cache[Symbol.asyncDispose]()
  // What the killed one has left goes with the next start.
  await using _next = await ModelCache.open(
    { directory, maxBytes: null, hub: { kind: 'directory', path: hub } },
    { log },
  )
  expect(await readdir(join(directory, '.easel/cache/held'))).toEqual([])
})
