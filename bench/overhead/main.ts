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
const inFlight = 32

// What ComfyUI itself writes is no part of the comparison, so it is kept off the disk where there is a way.
const baseDirectory = await mkdtemp(
  join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'easel-bench-comfyui-'),
)
await using cleaning = new AsyncDisposableStack()
cleaning.defer(() => rm(baseDirectory, { recursive: true, force: true }))
await using sim = await startComfySim({ timeScale: 0, baseDirectory })
await using easel = await startEasel(sim.url)
console.log(`standalone ready in ${(easel.readyMs / 1_000).toFixed(1)} s`)

// All ways get the same warm-up, then take turns, so that a slow minute of the machine hits all.
const yardstick = await startYardstick()
await yardstick.measure(20)
await measureDispatch(sim, 20, (index) => toComfy(sim, index))
await measureDispatch(sim, 20, (index) => toEasel(easel, index))
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

const directRate = await measureThroughput(sim, (index) => toComfy(sim, index))
const accepted = performance.now()
const easelRate = await measureThroughput(
  sim,
  (index) => toEasel(easel, index),
  () => settled(easel),
)
report(`throughput, jobs per second (${jobs} jobs, ${inFlight} requests at once)`, [
  ['ComfyUI', directRate],
  ['Easel', easelRate],
  ['ratio', easelRate / directRate],
  ['seconds in all', (performance.now() - accepted) / 1_000],
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
    await send(index)
    const prompt = await until(() => sim.stats.prompts[before])
    taken.push(prompt.arrivedAt - sentAt)
    await until(() => prompt.endedAt)
    await delay(15)
  }
  return taken
}

async function measureThroughput(
  sim: ComfySim,
  send: (index: number) => Promise<void>,
  finished: () => Promise<void> = async () => {},
): Promise<number> {
  const before = sim.stats.prompts.length
  const startedAt = performance.now()
  let next = 0
  const senders = Array.from({ length: inFlight }, async () => {
    while (next < jobs) await send(next++)
  })
  await Promise.all(senders)
  await until(() => sim.stats.prompts.length >= before + jobs && sim.stats.prompts.at(-1)!.endedAt)
  await finished()
  return jobs / ((performance.now() - startedAt) / 1_000)
}

/** Nothing waits or runs: every job has its result. */
async function settled({ url, apiKey }: EaselProcess): Promise<void> {
  await until(async () => {
    const answer = await call(`${url}/api/jobs?status=queued&status=running&limit=1`, { apiKey })
    return (JSON.parse(answer) as { items: unknown[] }).items.length === 0
  })
}

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
  for (const [name, value] of rows) console.log(`  ${name.padEnd(16)} ${value.toFixed(2)}`)
}
