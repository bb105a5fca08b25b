import { expect, test } from 'vitest'
import { fairOrder } from './fair-order.ts'
import { PoolShares } from './pool-shares.ts'
import type { Charged, Flow, Weights } from './flow.ts'

type Job = Charged & { id: string }

const equal: Weights = { space: () => 1, user: () => 1, class: (priority) => [8, 3, 1][priority] ?? 1 }
let seq = 0

/** Jobs of one flow; `who` is `space/user`, and `user` alone stands for a user in a space of the same name. */
function aFlow(who: string, count: number, { priority = 1, estimate = 10, id = who } = {}): Flow<Job> {
  const [spaceId = '', userId = spaceId] = who.split('/')
  const jobs = Array.from({ length: count }, (_, i) => ({
    id: `${id}${i}`,
    seq: String(++seq),
    estimate,
    spaceId,
    userId,
    priority,
  }))
  return { spaceId, userId, priority, jobs }
}

const nobody: (flow: { userId: string }) => boolean = () => false

/** Serves the queue for so many jobs, as the scheduler does; gives whose they were. */
function serve(
  flows: readonly Flow<Job>[],
  count: number,
  { shares = new PoolShares(), weights = equal, capped = nobody } = {},
): string[] {
  const left = flows.map((flow) => ({ ...flow, jobs: [...flow.jobs] }))
  const served: string[] = []
  while (served.length < count) {
    const waiting = left.filter(({ jobs }) => jobs.length > 0)
    shares.look(waiting, capped)
    const room = { space: () => undefined, user: (userId: string) => (capped({ userId }) ? 0 : undefined) }
    const [job] = fairOrder(waiting, shares, { weights, limit: 1, room }).jobs
    if (!job) break
    shares.charge(job, job.estimate, weights)
    served.push(job.userId)
    for (const { jobs } of left) if (jobs[0] === job) jobs.shift()
  }
  return served
}

const countOf = (served: readonly string[], user: string): number =>
  served.filter((each) => each === user).length

test('a user with one job does not wait behind the hundred of another', () => {
  const { jobs } = fairOrder([aFlow('heavy', 100), aFlow('light', 1)], new PoolShares(), {
    weights: equal,
    limit: 10,
  })

  expect(jobs.findIndex(({ userId }) => userId === 'light')).toBeLessThan(2)
})

test('users are served by their weights, in seconds and not in jobs', () => {
  const weights = { ...equal, space: (id: string) => (id === 'double' ? 2 : 1) }
  const flows = [aFlow('double', 400, { estimate: 5 }), aFlow('single', 400, { estimate: 10 })]

  const served = serve(flows, 250, { weights })

  expect(countOf(served, 'double') / countOf(served, 'single')).toBeCloseTo(4, 0)
})

test('spaces share first: a space with many users gets no more for it', () => {
  const many = ['a', 'b', 'c'].map((user) => aFlow(`team/${user}`, 100))

  const served = serve([...many, aFlow('alone', 100)], 120)

  expect(countOf(served, 'alone')).toBe(60)
  expect(['a', 'b', 'c'].map((user) => countOf(served, user))).toEqual([20, 20, 20])
})

test('by its class a job passes those of its own user only', () => {
  const urgent = aFlow('a', 50, { priority: 0 })

  const served = serve([urgent, aFlow('b', 50, { priority: 2 })], 60)

  expect([countOf(served, 'a'), countOf(served, 'b')]).toEqual([30, 30])
})

test('classes of a user share by their weights, so that bulk jobs are slow and never stand still', () => {
  const flows = [0, 1, 2].map((priority) => aFlow('a', 200, { priority, id: `class${priority}-` }))

  const { jobs } = fairOrder(flows, new PoolShares(), { weights: equal, limit: 120 })

  expect([0, 1, 2].map((priority) => jobs.filter((job) => job.priority === priority).length)).toEqual([
    80, 30, 10,
  ])
})

test('the order of a flow is its own', () => {
  const flow = aFlow('a', 3)
  const [first, second, third] = flow.jobs.toReversed()

  const { jobs } = fairOrder([{ ...flow, jobs: flow.jobs.toReversed() }], new PoolShares(), {
    weights: equal,
    limit: 9,
  })

  expect(jobs).toEqual([first, second, third])
})

test('a newcomer starts at the present time and takes turns from there', () => {
  const shares = new PoolShares()
  serve([aFlow('old', 100)], 100, { shares })

  const served = serve([aFlow('old', 20), aFlow('new', 20)], 20, { shares })

  expect(Math.abs(countOf(served, 'new') - countOf(served, 'old'))).toBeLessThanOrEqual(2)
})

test('idle time is not saved up', () => {
  const shares = new PoolShares()
  serve([aFlow('steady', 10), aFlow('lazy', 10)], 20, { shares })
  serve([aFlow('steady', 500)], 500, { shares })

  const served = serve([aFlow('steady', 20), aFlow('lazy', 20)], 20, { shares })

  expect(Math.abs(countOf(served, 'lazy') - countOf(served, 'steady'))).toBeLessThanOrEqual(2)
})

test('what was used while nobody else wanted it is not held against a user', () => {
  const shares = new PoolShares()
  serve([aFlow('a', 1), aFlow('b', 1)], 2, { shares })
  serve([aFlow('a', 300)], 300, { shares })

  const served = serve([aFlow('a', 20), aFlow('c', 20)], 20, { shares })

  expect(countOf(served, 'a')).toBeGreaterThanOrEqual(9)
})

test('who is at a cap is passed over, keeps its place, and does not hold back the time of newcomers', () => {
  const shares = new PoolShares()
  const capped = ({ userId }: { userId: string }) => userId === 'capped'
  const flows = [aFlow('capped', 20), aFlow('other', 100)]

  const without = serve(flows, 50, { shares, capped })
  const newcomer = serve([...flows, aFlow('new', 100)], 20, { shares, capped })
  const after = serve(flows, 10, { shares })

  expect(countOf(without, 'capped')).toBe(0)
  expect(Math.abs(countOf(newcomer, 'new') - 10)).toBeLessThanOrEqual(1)
  expect(countOf(after, 'capped')).toBe(10)
})

test('what a job took more than was charged for is held against its flow, and what it took less is given back', () => {
  const shares = new PoolShares()
  const [more, less] = [aFlow('more', 200), aFlow('less', 200)]
  serve([more, less], 2, { shares })

  shares.correct(more, 100, equal)
  const served = serve([more, less], 12, { shares })
  shares.correct(more, -100, equal)
  const repaid = serve([more, less], 12, { shares })

  expect([countOf(served, 'more'), countOf(served, 'less')]).toEqual([1, 11])
  expect([countOf(repaid, 'more'), countOf(repaid, 'less')]).toEqual([11, 1])
})

test('caps count what is given in the same order', () => {
  const { jobs } = fairOrder([aFlow('a', 10), aFlow('b', 10)], new PoolShares(), {
    weights: equal,
    limit: 20,
    room: { space: () => undefined, user: (id) => (id === 'a' ? 3 : undefined) },
  })

  expect(jobs.filter(({ userId }) => userId === 'a')).toHaveLength(3)
  expect(jobs).toHaveLength(13)
})

test('finding an order changes nothing', () => {
  const shares = new PoolShares()
  shares.look([aFlow('a', 1)], () => false)
  shares.takeChanges()

  fairOrder([aFlow('a', 50), aFlow('b', 50)], shares, { weights: equal, limit: 50 })

  expect(shares.takeChanges().size).toBe(0)
})

test('a flow whose jobs are all in the order is told, for there may be more of it', () => {
  const [small, large] = [aFlow('small', 2), aFlow('large', 50)]

  const { drained } = fairOrder([small, large], new PoolShares(), { weights: equal, limit: 20 })

  expect(drained).toEqual([small])
})

test('shares that were saved and loaded give the same order', () => {
  const shares = new PoolShares()
  const flows = [aFlow('a', 30), aFlow('b', 30, { estimate: 25 }), aFlow('c/x', 30), aFlow('c/y', 30)]
  serve(flows, 40, { shares })
  const saved = [...shares.takeChanges()].map(([path, time]) => [path, time ?? 0] as const)

  const order = (of: PoolShares) => {
    of.look(flows, () => false)
    return fairOrder(flows, of, { weights: equal, limit: 100 }).jobs.map(({ id }) => id)
  }

  expect(order(new PoolShares(saved))).toEqual(order(shares))
})

test('who neither waits nor is ahead is forgotten, and who is ahead is kept', () => {
  const shares = new PoolShares()
  const [debtor, gone, steady] = [aFlow('debtor', 1), aFlow('gone', 1), aFlow('steady', 100)]
  serve([debtor, gone, steady], 60, { shares })
  shares.correct(debtor, 10_000, equal)

  shares.look([steady], () => false)
  shares.forget([])

  expect([shares.get('gone'), shares.get('gone/gone')]).toEqual([undefined, undefined])
  expect(shares.get('debtor')).toBeGreaterThan(10_000)
})

test('random queues: nobody who always waits falls behind another by more than their largest jobs', () => {
  let state = 7
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
  for (let round = 0; round < 20; round++) {
    const users = Array.from({ length: 2 + Math.floor(random() * 8) }, (_, i) => `u${i}`)
    const weight = new Map(users.map((user) => [user, 1 + Math.floor(random() * 4)]))
    const weights = { ...equal, space: (id: string) => weight.get(id) ?? 1 }
    const flows = users.map((user) => {
      const flow = aFlow(user, 300)
      return { ...flow, jobs: flow.jobs.map((job) => ({ ...job, estimate: 1 + random() * 60 })) }
    })
    const taken = new Map(users.map((user) => [user, 0]))
    const byUser = new Map(flows.map(({ userId, jobs }) => [userId, [...jobs]]))

    for (const user of serve(flows, 200, { weights })) {
      const seconds = byUser.get(user)?.shift()?.estimate ?? 0
      taken.set(user, (taken.get(user) ?? 0) + seconds / (weight.get(user) ?? 1))
    }

    const shares = [...taken.values()]
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(2 * 61)
  }
})
