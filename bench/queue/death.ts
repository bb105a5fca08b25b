import { randomUUID } from 'node:crypto'
import { startComfySim } from '@easel/comfy-sim'
import { freePort } from '@easel/embedded'
import { waitFor } from '@easel/testing'
import { ServiceProcess } from '../../tools/cluster/service-process.ts'
import { aPerson } from './easel-queue.ts'
import type { ComfySim } from '@easel/comfy-sim'
import type { Servers } from '@easel/embedded'
import type { EaselQueue } from './easel-queue.ts'

const pool = 'death'
const runs = (sim: ComfySim) => sim.stats.prompts.length

/** Kills the worker process that runs a job with SIGKILL, so often; ms from each kill to the next attempt's start. */
export async function rerunsAfterDeath(
  easel: EaselQueue,
  { servers, blobs, times }: { servers: Servers; blobs: string; times: number },
): Promise<number[]> {
  await using stack = new AsyncDisposableStack()
  const sims: ComfySim[] = []
  const workers: ServiceProcess[] = []
  for (const name of ['death-1', 'death-2']) {
    const sim = stack.use(await startComfySim({ nodePacks: ['testing'] }))
    const health = await freePort()
    const worker = stack.use(
      new ServiceProcess({
        name,
        entry: 'apps/inference/dist/main.js',
        healthUrl: `http://127.0.0.1:${health}`,
        env: {
          EASEL_INFERENCE_ROLE: 'worker',
          EASEL_WORKER_ID: name,
          EASEL_WORKER_POOL: pool,
          EASEL_COMFYUI_URLS: sim.url,
          EASEL_NATS_URL: servers.urls.nats,
          EASEL_BLOBS: `file:${blobs}`,
          EASEL_HEALTH_PORT: String(health),
          EASEL_LOG_LEVEL: 'error',
          EASEL_GRACE: '1s',
        },
      }),
    )
    await worker.start()
    sims.push(sim)
    workers.push(worker)
  }
  const actor = aPerson()
  const taken: number[] = []
  for (let time = 0; time < times; time++) {
    const before = sims.map(runs)
    const { id } = await easel.submit({ workflow: longGraph(), pool }, actor)
    const at = await waitFor(() => indexOf(sims, before), { timeoutMs: 60_000, describe: 'a first attempt' })
    const other = 1 - at.index
    const had = runs(sims[other]!)
    await workers[at.index]!.kill()
    const killedAt = performance.now()
    const next = await waitFor(() => sims[other]?.stats.prompts[had], {
      timeoutMs: 60_000,
      describe: 'the next attempt',
    })
    taken.push(next.arrivedAt - killedAt)
    await easel.cancel(id, actor)
    await workers[at.index]!.start()
    await waitFor(async () => (await easel.readyIn(pool)) === 2, {
      timeoutMs: 60_000,
      describe: 'both workers',
    })
  }
  return taken
}

function indexOf(sims: readonly ComfySim[], before: readonly number[]): { index: number } | undefined {
  const index = sims.findIndex((sim, at) => runs(sim) > (before[at] ?? 0))
  return index < 0 ? undefined : { index }
}

function longGraph() {
  return {
    '1': { class_type: 'EmptyImage', inputs: { width: 32, height: 32, batch_size: 1, color: 1 } },
    '2': { class_type: 'TestSleep', inputs: { value: ['1', 0], seconds: 60 } },
    '3': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: randomUUID() } },
  }
}
