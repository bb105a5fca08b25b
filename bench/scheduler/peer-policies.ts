import { seeded } from './random.ts'
import type { Load, Move, Policy, SimWorker } from './simulation.ts'
import type { Model, SimJob, User } from './world.ts'

/** First come first served, by any of the workers that are free. */
export function fifoPolicy(seed: number): Policy {
  const random = seeded(seed + 1)
  return {
    name: 'FIFO, random worker',
    decide({ waiting, workers }) {
      const free = workers.filter(({ bound }) => bound.length === 0)
      const worker = free[Math.floor(random() * free.length)]
      const [job] = waiting
      return { moves: job && worker ? [{ job, worker }] : [] }
    },
  }
}

/**
 * SwarmUI's rules, as its source has them (mcmonkeyprojects/SwarmUI 062407c7, Backends/BackendHandler): requests are
 * gone through in the order of their coming. One whose model is loaded on a backend with room takes it; each backend
 * has room for one that runs and one more. The others add to the pressure of their model: ten for each, one for each
 * second since the first of them came. The model with the highest pressure, of those that are not loading already, is
 * loaded on the backend that was released the longest ago (one that is unused, if there is one), if its first request
 * is older than 1.5 s or only one backend has room.
 */
export function swarmPolicy(): Policy {
  const maxUsages = 2
  const pressures = new Map<Model, { count: number; firstAt: number }>()
  const pressed = new Set<SimJob>()

  function release(job: SimJob) {
    const pressure = pressures.get(job.model)
    if (!pressed.delete(job) || !pressure) return
    pressure.count -= 1
    if (pressure.count === 0) pressures.delete(job.model)
  }

  return {
    name: 'SwarmUI’s pressure',
    decide({ now, waiting, workers }) {
      const available = workers
        .filter(({ bound, preloading }) => bound.length < maxUsages && !preloading)
        .toSorted((a, b) => a.bound.length - b.bound.length)
      if (available.length === 0) return { moves: [] }
      for (const job of waiting) {
        const worker = available.find(({ model }) => model === job.model)
        if (worker) {
          release(job)
          return { moves: [{ job, worker }] }
        }
        if (!pressed.has(job)) {
          pressed.add(job)
          const pressure = pressures.get(job.model) ?? { count: 0, firstAt: now }
          pressure.count += 1
          pressures.set(job.model, pressure)
        }
      }
      return { moves: [], loads: highestPressure(now, available, workers) }
    },
  }

  function highestPressure(now: number, available: SimWorker[], workers: readonly SimWorker[]): Load[] {
    const loading = new Set(workers.map(({ preloading }) => preloading))
    const worth = ({ count, firstAt }: { count: number; firstAt: number }) =>
      count * 10 + Math.floor(now - firstAt)
    const [highest] = [...pressures]
      .filter(([model]) => !loading.has(model))
      .toSorted(([, a], [, b]) => worth(b) - worth(a))
    if (!highest) return []
    const [model, { firstAt }] = highest
    if (available.length > 1 && now - firstAt <= 1.5) return []
    const others = available.filter((worker) => worker.model !== model)
    const unused = others.filter(({ bound }) => bound.length === 0)
    const [worker] = (unused.length > 0 ? unused : others).toSorted((a, b) => a.freeSince - b.freeSince)
    return worker ? [{ model, worker }] : []
  }
}

/**
 * InvokeAI's rules, as its source has them (invoke-ai/InvokeAI 8e71a8a5, session_queue_sqlite): a device that is free
 * serves the user whose last item was started the longest ago (who had none comes first), the oldest item of theirs;
 * but rather another of the same user's whose models the device has cached, of those that came at most 32 items (of
 * all users) later.
 */
export function invokePolicy(): Policy {
  const lookahead = 32
  const servedAt = new Map<User, number>()
  let turn = 0
  return {
    name: 'InvokeAI’s round robin',
    decide({ waiting, workers }) {
      const moves: Move[] = []
      const worker = workers.find(({ bound }) => bound.length === 0)
      const heads = new Map<User, SimJob>()
      for (const job of waiting) if (!heads.has(job.user)) heads.set(job.user, job)
      const [head] = [...heads.values()].toSorted(
        (a, b) => (servedAt.get(a.user) ?? -1) - (servedAt.get(b.user) ?? -1) || a.id - b.id,
      )
      if (!worker || !head) return { moves }
      const job = waiting.find(
        ({ id, user, model }) => user === head.user && model === worker.model && id <= head.id + lookahead,
      )
      servedAt.set(head.user, turn++)
      return { moves: [{ job: job ?? head, worker }] }
    },
  }
}
