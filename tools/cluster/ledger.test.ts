import type { JobView } from '@easel/contracts'
import { expect, test } from 'vitest'
import { figuresOf, type WorkerCount } from './figures.ts'
import { Ledger } from './ledger.ts'

const user = (name: string) => ({ name, flooder: false, apiKey: '', spaceId: '', userId: name })
const job = (id: string, more: object = {}) => ({
  id,
  user: 0,
  workload: 0,
  priority: 'normal' as const,
  idempotencyKey: id,
  sentMs: 0,
  acceptedMs: 0,
  tries: 1,
  ...more,
})
const at = (seconds: number) => new Date(seconds * 1_000).toISOString()
const view = (id: string, more: object = {}) =>
  ({
    id,
    status: 'succeeded',
    usage: { gpuSeconds: 2 },
    attempts: [],
    createdAt: at(0),
    ...more,
  }) as unknown as JobView

test('a job ends once; that it ends again differently, or that one key gives two jobs, is told', () => {
  const ledger = new Ledger([user('one')])
  ledger.accept(job('a'))

  expect(ledger.hear(view('a', { status: 'running' }))).toBe(false)
  expect(ledger.open).toHaveLength(1)
  expect(ledger.hear(view('a'))).toBe(true)
  expect(ledger.hear(view('a'))).toBe(false)
  expect(ledger.broken).toEqual([])

  ledger.hear(view('a', { status: 'failed' }))
  ledger.accept(job('b', { idempotencyKey: 'a' }))
  expect(ledger.broken).toHaveLength(2)
  expect(ledger.count('succeeded')).toBe(1)
})

test('figures are virtual: ten real seconds at a scale of 0.1 are a hundred', () => {
  const ledger = new Ledger([user('one'), user('two')])
  for (const [id, owner] of [
    ['a', 0],
    ['b', 1],
  ] as const) {
    ledger.accept(job(id, { user: owner }))
    ledger.hear(view(id, { startedAt: at(1), finishedAt: at(3) }))
  }
  const idle = {
    name: 'w',
    vramGib: 24,
    running: false,
    jobs: 0,
    busySeconds: 0,
    judged: 0,
    cold: 0,
    loads: 0,
  }
  const before: WorkerCount = { ...idle, plannedSeconds: 0 }
  const after = { ...before, jobs: 2, busySeconds: 5, judged: 2, cold: 1, loads: 1, plannedSeconds: 4 }
  const fromMs = performance.now() - 5_000

  const figures = figuresOf(ledger, {
    timeScale: 0.1,
    fromMs,
    untilMs: fromMs + 10_000,
    before: [before],
    after: [after],
  })

  expect(figures).toMatchObject({
    ended: 2,
    wait: { p50: 10 },
    total: { p50: 30 },
    warmShare: 0.5,
    utilisation: 0.5,
    stretch: 0.25,
    modelLoads: 1,
  })
  expect(figures.jobsPerHour).toBeCloseTo(72)
  expect(figures.gpuHours).toBeCloseTo(50 / 3_600)
  expect(figures.users[0]!.gpuHours).toBeCloseTo(20 / 3_600)
  expect(figures.fairness).toBeCloseTo(1)
})
