import { call } from './http.ts'
import type { Farm } from './farm.ts'
import type { Ledger } from './ledger.ts'
import type { WorkerCount } from './figures.ts'

const gib = 1024 ** 3

/** Of simulated GPUs, as they know it themselves. */
export async function countsOfFarm(farm: Farm, ids: readonly string[]): Promise<WorkerCount[]> {
  const stats = await farm.stats()
  return stats.map((each, index) => ({
    name: ids[index] ?? `comfy-${index + 1}`,
    vramGib: farm.places[index]!.vramBytes / gib,
    running: each.running,
    jobs: each.succeeded + each.failed,
    busySeconds: each.busyMs / 1_000,
    judged: each.succeeded + each.failed,
    cold: each.cold,
    loads: each.loads,
    plannedSeconds: each.simulatedMs / 1_000,
  }))
}

type Worker = { id: string; vramTotal?: number | null; attempts: unknown[] }

/** Of an Easel that runs already: from the jobs of this load, and its list of workers where the key may read it. */
export async function countsOfApi(
  { url, apiKey }: { url: string; apiKey: string },
  ledger: Ledger,
): Promise<WorkerCount[]> {
  const counts = new Map<string, { -readonly [K in keyof WorkerCount]: WorkerCount[K] }>()
  const of = (name: string) => {
    const known = counts.get(name) ?? {
      name,
      vramGib: undefined,
      running: false,
      jobs: 0,
      busySeconds: 0,
      judged: 0,
      cold: 0,
      loads: 0,
      plannedSeconds: undefined,
    }
    counts.set(name, known)
    return known
  }
  const answer = await call(`${url}/api/system/workers`, { apiKey })
  const listed = answer.status === 200 ? (answer.body as { items?: Worker[] }).items : undefined
  for (const { id, vramTotal, attempts } of listed ?? []) {
    const worker = of(id)
    worker.vramGib = vramTotal ? Math.round(vramTotal / gib) : undefined
    worker.running = attempts.length > 0
  }
  for (const { view } of ledger.jobs.values()) {
    for (const { worker: name, gpuSeconds, warm } of view?.attempts ?? []) {
      const worker = of(name)
      worker.jobs++
      worker.busySeconds += gpuSeconds ?? 0
      if (warm !== null && warm !== undefined) worker.judged++
      if (warm !== false) continue
      worker.cold++
      worker.loads++
    }
  }
  return [...counts.values()]
}
