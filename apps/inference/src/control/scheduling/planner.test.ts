import { expect, test } from 'vitest'
import { aCandidate, aPlace } from '../../../test/support/scheduling-samples.ts'
import { keyOf } from './open-attempts.ts'
import { Planner } from './planner.ts'
import type { Accounts, Binding, CandidateFlow, PoolView } from './planner.ts'
import type { Candidate, Place } from './snapshot.ts'

const rules = { window: 50, quantum: 20, classWeights: [8, 3, 1] }
const known = { get: () => new Set(['SaveImage']) }
const loads = { loadMs: () => 10_000 }
const free: Accounts = {
  ofSpace: () => ({ weight: 1, maxRunning: null }),
  ofUser: () => ({ weight: 1, maxRunning: null }),
}

function aFlow(user: string, jobs: readonly Partial<Candidate>[]): CandidateFlow {
  const own = { spaceId: user, userId: user, priority: 1 }
  return {
    ...own,
    more: false,
    jobs: jobs.map((job, i) => aCandidate({ id: `${user}-${i}`, seq: String(i), ...own, ...job })),
  }
}

/** A planner over these workers, with its own clock. */
function aPlanner(places: readonly Place[], accounts = free) {
  const planner = new Planner(rules)
  let now = 0
  const viewOf = (flows: readonly CandidateFlow[]): PoolView => {
    return { pool: 'default', places, flows, accounts, known, loads, now }
  }
  return {
    planner,
    /** Binds what the plan says. */
    serve(flows: readonly CandidateFlow[]): Binding[] {
      const view = viewOf(flows)
      const { bindings } = planner.plan(view)
      for (const binding of bindings) planner.bound(binding, 1, view)
      return bindings
    },
    plan: (flows: readonly CandidateFlow[]) => planner.plan(viewOf(flows)),
    end(jobId: string, seconds: number) {
      now += seconds * 1_000
      const attempt = planner.open.remove(keyOf({ jobId, number: 1 }), { now })
      if (attempt) planner.correct(attempt, seconds, accounts)
    },
  }
}

const single = [aPlace({ prefetchSlots: 0 })]

test('a flow that no worker can serve gathers nothing while it is so', () => {
  const { serve, end } = aPlanner(single)
  const stuck = aFlow('stuck', [{ classes: ['Unknown'] }])
  for (let i = 0; i < 20; i++) {
    const [binding] = serve([stuck, aFlow('steady', [{ id: `s${i}` }])])
    end(binding?.job.id ?? '', 10)
  }
  const [steady, freed] = [aFlow('steady', Array(9).fill({})), aFlow('stuck', Array(9).fill({}))]

  const users: string[] = []
  const left = [steady, freed].map((flow) => ({ ...flow, jobs: [...flow.jobs] }))
  for (let i = 0; i < 8; i++) {
    const [binding] = serve(left.map((flow) => ({ ...flow })))
    users.push(binding?.job.userId ?? '')
    for (const flow of left) flow.jobs = flow.jobs.filter(({ id }) => id !== binding?.job.id)
    end(binding?.job.id ?? '', 10)
  }

  expect(users.filter((user) => user === 'stuck').length).toBeLessThanOrEqual(5)
})

test('open attempts count to the caps, also those of this very plan', () => {
  const places = [aPlace({ runSlots: 8, prefetchSlots: 0 })]
  const { serve } = aPlanner(places, { ...free, ofUser: () => ({ weight: 1, maxRunning: 2 }) })
  const flow = aFlow('a', [{}, {}, {}, {}])

  const first = serve([flow])
  const second = serve([{ ...flow, jobs: flow.jobs.slice(2) }])

  expect(first).toHaveLength(2)
  expect(second).toHaveLength(0)
})

test('what has ended makes room', () => {
  const { serve, end } = aPlanner(single)
  const flow = aFlow('a', [{}, {}])

  serve([flow])
  const none = serve([{ ...flow, jobs: flow.jobs.slice(1) }])
  end('a-0', 10)
  const next = serve([{ ...flow, jobs: flow.jobs.slice(1) }])

  expect([none.length, next.length]).toEqual([0, 1])
})

test('a job without models does not make a worker forget those that it holds', () => {
  const { serve, end } = aPlanner(single)
  serve([aFlow('a', [{ id: 'with', models: ['m'] }])])
  end('with', 10)
  serve([aFlow('a', [{ id: 'without' }])])
  end('without', 10)

  const [binding] = serve([aFlow('a', [{ id: 'again', models: ['m'] }])])

  expect(binding).toMatchObject({ warm: true, switches: false })
})

test('a worker that nobody knows yet is warm for what its beat says', () => {
  const { plan } = aPlanner([aPlace({ id: 'cold' }), aPlace({ id: 'warm', warm: ['m'] })])

  const { bindings } = plan([aFlow('a', [{ models: ['m'] }])])

  expect(bindings).toMatchObject([{ workerId: 'warm', warm: true }])
})

test('a flow of which more must be read is told when slots stay empty', () => {
  const { plan } = aPlanner([aPlace({ runSlots: 9 })])

  const { short } = plan([{ ...aFlow('a', [{}, {}]), more: true }, aFlow('b', [{}])])

  expect(short.map(({ userId }) => userId)).toEqual(['a'])
})

test('a head whose models nobody holds is served within a quantum, however much waits for others', () => {
  const { serve, end } = aPlanner(single)
  let served = 0
  let waited = 0
  const heads = aFlow('rare', [{ id: 'rare', models: ['rare'] }])
  // The worker has been at it for a while, and its user is ahead of nobody.
  for (let i = 0; i < 200; i++) {
    const popular = aFlow(
      'popular',
      Array.from({ length: 40 }, (_, n) => ({ id: `p${i}-${n}`, models: ['m'] })),
    )
    const [binding] = serve(i < 3 ? [popular] : [popular, heads])
    if (binding?.job.id === 'rare') break
    served += 1
    waited += i < 3 ? 0 : 10
    end(binding?.job.id ?? '', 10)
  }

  // Twenty times of two loads.
  expect(waited).toBeGreaterThan(100)
  expect(waited).toBeLessThanOrEqual(20 * 20)
  expect(served).toBeLessThan(200)
})
