import { startComfySim } from '@easel/comfy-sim'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startEasel } from './easel-process.ts'
import { call } from './http.ts'
import { startYardstick } from './yardstick.ts'
import type { ComfySim } from '@easel/comfy-sim'
import type { EaselProcess } from './easel-process.ts'

const { values } = parseArgs({
  options: { jobs: { type: 'string', default: '1500' }, samples: { type: 'string', default: '200' } },
})
const jobs = Number(values.jobs)
const samples = Number(values.samples)
/** Every picture has a colour of its own: equal bytes would be stored and shrunk once. */
let contents = 0
const inFlight = 32
const warmUp = 500

// What ComfyUI itself writes is no part of the comparison, so it is kept off the disk where there is a way.
const baseDirectory = await mkdtemp(
  join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'easel-bench-comfyui-'),
)
await using cleaning = new AsyncDisposableStack()
cleaning.defer(() => rm(baseDirectory, { recursive: true, force: true }))
await using sim = await startComfySim({ timeScale: 0, baseDirectory })
await using easel = await startEasel(sim.url)
console.log(`standalone ready in ${(easel.readyMs / 1_000).toFixed(1)} s`)

// All ways get a warm-up that their code is compiled in, then take turns, so that a slow minute of the machine hits all.
const yardstick = await startYardstick()
await yardstick.measure(warmUp)
await measureThroughput(sim, warmUp, { send: (index) => toComfy(sim, index) })
await measureThroughput(sim, warmUp, {
  send: (index) => toEasel(easel, index),
  finished: () => atRest(easel),
})
const direct: number[] = []
const through: number[] = []
const least: number[] = []
for (let round = 0; round < 4; round++) {
  direct.push(...(await measureDispatch(sim, samples / 4, (index) => toComfy(sim, index))))
  through.push(...(await measureDispatch(sim, samples / 4, (index) => toEasel(easel, index))))
  least.push(...(await yardstick.measure(samples / 4)))
}
await yardstick[Symbol.asyncDispose]()
report('dispatch, ms until the prompt is at ComfyUI', [
  ['ComfyUI p50', percentile(direct, 0.5)],
  ['ComfyUI p99', percentile(direct, 0.99)],
  ['Easel p50', percentile(through, 0.5)],
  ['Easel p99', percentile(through, 0.99)],
  ['ratio p50', percentile(through, 0.5) / percentile(direct, 0.5)],
  ['insert + NATS', percentile(least, 0.5)],
  ['Easel to that', percentile(through, 0.5) / percentile(least, 0.5)],
])

await atRest(easel)
const directRate = await measureThroughput(sim, jobs, { send: (index) => toComfy(sim, index) })
const began = performance.now()
const easelRate = await measureThroughput(sim, jobs, {
  send: (index) => toEasel(easel, index),
  finished: () => settled(easel),
})
await atRest(easel)
report(`throughput, jobs per second (${jobs} jobs, ${inFlight} requests at once)`, [
  ['ComfyUI', directRate],
  ['Easel', easelRate],
  ['ratio', easelRate / directRate],
  ['s to the last thumbnail', (performance.now() - began) / 1_000],
])
process.exitCode = 0

function graph(index: number) {
  return {
    '1': {
      class_type: 'EmptyImage',
      inputs: { width: 64, height: 64, batch_size: 1, color: index % 0xffffff },
    },
    '2': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: `bench` } },
  }
}

async function toComfy({ url }: ComfySim, index: number): Promise<void> {
  const body = { prompt: graph(index), prompt_id: randomUUID(), client_id: 'bench' }
  await call(`${url}/prompt`, { body })
}

async function toEasel({ url, apiKey }: EaselProcess, index: number): Promise<void> {
  await call(`${url}/api/jobs`, { apiKey, body: { workflow: graph(index) } })
}

/** One at a time, each to an idle ComfyUI. */
async function measureDispatch(
  sim: ComfySim,
  count: number,
  send: (index: number) => Promise<void>,
): Promise<number[]> {
  const taken: number[] = []
  for (let index = 0; index < count; index++) {
    const before = sim.stats.prompts.length
    const sentAt = performance.now()
    await send(contents++)
    const prompt = await until(() => sim.stats.prompts[before])
    taken.push(prompt.arrivedAt - sentAt)
    await until(() => prompt.endedAt)
    // What comes after a run (its picture in the gallery, the feed) is done by then.
    await delay(50)
  }
  return taken
}

type Way = { send: (index: number) => Promise<void>; finished?: () => Promise<void> }

async function measureThroughput(
  sim: ComfySim,
  count: number,
  { send, finished = async () => {} }: Way,
): Promise<number> {
  const before = sim.stats.prompts.length
  const startedAt = performance.now()
  let next = 0
  const senders = Array.from({ length: inFlight }, async () => {
    while (next < count) await send(contents + next++)
  })
  await Promise.all(senders)
  contents += count
  await until(() => sim.stats.prompts.length >= before + count && sim.stats.prompts.at(-1)!.endedAt)
  await finished()
  return count / ((performance.now() - startedAt) / 1_000)
}

/** Nothing waits or runs: every job has its result. */
async function settled({ url, apiKey }: EaselProcess): Promise<void> {
  await until(async () => {
    const answer = await call(`${url}/api/jobs?status=queued&status=running&limit=1`, { apiKey })
    return (JSON.parse(answer) as { items: unknown[] }).items.length === 0
  })
}

/** Not even a thumbnail is still to be made; the newest picture's comes last. */
async function atRest(easel: EaselProcess): Promise<void> {
  await settled(easel)
  await until(async () => {
    const { items } = JSON.parse(
      await call(`${easel.url}/api/assets?limit=1`, { apiKey: easel.apiKey }),
    ) as Assets
    return items.length > 0 && items[0]!.thumbnail !== 'pending'
  })
}

type Assets = { items: { thumbnail: string }[] }

async function until<T>(look: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (const deadline = performance.now() + 120_000; performance.now() < deadline; await delay(1)) {
    const seen = await look()
    if (seen) return seen
  }
  throw new Error('Nothing came within two minutes')
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
}

function report(title: string, rows: readonly [string, number][]): void {
  console.log(`\n${title}`)
  for (const [name, value] of rows) console.log(`  ${name.padEnd(24)} ${value.toFixed(2)}`)
}
