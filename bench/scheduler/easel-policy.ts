import { Planner } from '../../apps/inference/src/control/scheduling/planner.ts'
import { keyOf } from '../../apps/inference/src/control/scheduling/open-attempts.ts'
import type {
  Accounts,
  CandidateFlow,
  PlannerRules,
} from '../../apps/inference/src/control/scheduling/planner.ts'
import type { Candidate, Place } from '../../apps/inference/src/control/scheduling/snapshot.ts'
import type { Policy, SimWorker } from './simulation.ts'
import type { SimJob, World } from './world.ts'

export const defaultRules: PlannerRules = { window: 400, quantum: 25, classWeights: [8, 3, 1] }

const pool = 'default'

/** The scheduler of apps/inference, as it is shipped: only its reading and writing is left out. */
export function easelPolicy(world: World, { rules = defaultRules, prefetchSlots = 1 } = {}): Policy {
  const planner = new Planner(rules)
  const weights = new Map(world.users.map(({ id, weight }) => [id, weight]))
  const accounts: Accounts = {
    ofSpace: (id) => ({ weight: weights.get(id) ?? 1, maxRunning: null }),
    ofUser: () => ({ weight: 1, maxRunning: null }),
  }
  const loadsOf = new Map(world.models.map(({ name, loadSeconds }) => [name, loadSeconds * 1_000]))
  const loads = { loadMs: ([model = '']: readonly string[]) => loadsOf.get(model) }
  const known = { get: () => undefined }
  const byId = new Map<string, SimJob>()

  return {
    name: 'Easel',
    decide({ now: seconds, waiting, workers }) {
      const now = seconds * 1_000
      const places = workers.map((worker) => placeOf(worker, prefetchSlots))
      if (waiting.length === 0 || places.every(({ open }) => open > prefetchSlots)) return { moves: [] }
      for (const job of waiting) byId.set(String(job.id), job)
      const view = { pool, places, flows: flowsOf(waiting, rules.window + 20), accounts, known, loads, now }
      const { bindings } = planner.plan(view)
      for (const binding of bindings) planner.bound(binding, 1, view)
      return {
        moves: bindings.map(({ job, workerId }) => ({
          job: byId.get(job.id) as SimJob,
          worker: workers[Number(workerId)] as SimWorker,
        })),
      }
    },
    ended(job, { seconds, now }) {
      const attempt = planner.open.remove(keyOf({ jobId: String(job.id), number: 1 }), { now: now * 1_000 })
      if (attempt) planner.correct(attempt, seconds, accounts)
    },
  }
}

function placeOf({ id, bound }: SimWorker, prefetchSlots: number): Place {
  return {
    id: String(id),
    incarnation: 'one',
    pool,
    ready: true,
    draining: false,
    lost: false,
    runSlots: 1,
    prefetchSlots,
    definitions: null,
    silentMs: 0,
    open: bound.length,
    warm: [],
    labels: [],
    environment: null,
    vramTotal: null,
  }
}

function flowsOf(waiting: readonly SimJob[], depth: number): CandidateFlow[] {
  return [...Map.groupBy(waiting, ({ user }) => user)].map(([user, jobs]) => ({
    spaceId: user.id,
    userId: user.id,
    priority: 1,
    more: jobs.length > depth,
    jobs: jobs.slice(0, depth).map(candidateOf),
  }))
}

function candidateOf({ id, user, model }: SimJob): Candidate {
  return {
    id: String(id),
    seq: String(id),
    priority: 1,
    pool,
    spaceId: user.id,
    userId: user.id,
    classes: [],
    avoid: [],
    labels: [],
    environment: null,
    minVram: null,
    models: [model.name],
    loras: [],
    estimate: model.runSeconds,
  }
}
