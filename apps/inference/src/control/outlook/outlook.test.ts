import { describe, expect, it } from 'vitest'
import { horizon, Outlook } from './outlook.ts'
import type { OutlookInput, WaitingFlow, WaitingJob } from './outlook.ts'

const even = { space: () => 1, user: () => 1, class: () => 1 }

let seq = 0
function aFlow(
  name: string,
  count: number,
  { seconds = 10, waiting = count, fits = undefined as ReadonlySet<string> | undefined } = {},
): WaitingFlow {
  const flow = { spaceId: `space-${name}`, userId: `user-${name}`, priority: 1 }
  const jobs = Array.from({ length: count }, (_, index): WaitingJob => {
    seq += 1
    return { ...flow, id: `${name}${index}`, seq: String(seq), estimate: seconds, seconds, fits }
  })
  return { ...flow, jobs, waiting }
}

const outlookOf = (flows: WaitingFlow[], more: Partial<OutlookInput> = {}) =>
  new Outlook({ flows, shares: new Map(), weights: even, servers: [{ id: 'w1', freeIn: [0] }], ...more })

const idOf = (name: string) => ({ spaceId: `space-${name}`, userId: `user-${name}`, priority: 1 })

describe('a place in the queue', () => {
  it('is that of the fair order, not of arrival', () => {
    const outlook = outlookOf([aFlow('a', 100), aFlow('b', 2)])

    expect(outlook.of('b0')?.position).toBe(2)
    expect(outlook.of('b1')?.position).toBe(4)
    expect(outlook.of('a99')?.position).toBe(102)
  })

  it('of somebody new is soon, however long the others’ queues are', () => {
    const outlook = outlookOf([aFlow('a', 500), aFlow('b', 500)])

    expect(outlook.add(idOf('c'), 5).position).toBe(3)
  })

  it('of another job of the same flow is behind its last', () => {
    const outlook = outlookOf([aFlow('a', 10), aFlow('b', 3)])

    expect(outlook.add(idOf('b'), 5).position).toBe(8)
    expect(outlook.behind(idOf('a'), 0, 5).position).toBe(1)
  })

  it('behind the horizon is in proportion', () => {
    const many = horizon / 2 + 500
    const outlook = outlookOf([aFlow('a', many, { waiting: 5_000 }), aFlow('b', many, { waiting: 5_000 })])

    expect(outlook.behind(idOf('a'), 4_999, 5).position).toBeGreaterThan(9_900)
    expect(outlook.behind(idOf('a'), 1_500, 5).position).toBeCloseTo(3_000, -2)
  })
})

describe('an ETA', () => {
  it('is the wait for what runs and comes before, and the own run', () => {
    const outlook = outlookOf([aFlow('a', 3)], { servers: [{ id: 'w1', freeIn: [4] }] })

    expect(['a0', 'a1', 'a2'].map((id) => outlook.of(id)?.etaSeconds)).toEqual([14, 24, 34])
  })

  it('counts all slots of the pool', () => {
    const servers = [
      { id: 'w1', freeIn: [0, 0] },
      { id: 'w2', freeIn: [5] },
    ]
    const outlook = outlookOf([aFlow('a', 4)], { servers })

    expect(['a0', 'a1', 'a2', 'a3'].map((id) => outlook.of(id)?.etaSeconds)).toEqual([10, 10, 15, 20])
  })

  it('waits for the servers that may run it', () => {
    const servers = [
      { id: 'w1', freeIn: [0] },
      { id: 'w2', freeIn: [60] },
    ]
    const outlook = outlookOf([aFlow('a', 1, { fits: new Set(['w2']) })], { servers })

    expect(outlook.of('a0')).toEqual({ position: 1, etaSeconds: 70 })
  })

  it('is not known without workers', () => {
    expect(outlookOf([aFlow('a', 1)], { servers: [] }).of('a0')).toEqual({ position: 1, etaSeconds: null })
  })

  it('of what no worker may run is none, and it is in nobody’s way', () => {
    const outlook = outlookOf([aFlow('a', 1, { fits: new Set() }), aFlow('b', 1)])

    expect(outlook.of('a0')).toEqual({ position: null, etaSeconds: null })
    expect(outlook.of('b0')).toEqual({ position: 1, etaSeconds: 10 })
  })
})
