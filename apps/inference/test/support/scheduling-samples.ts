import type { Candidate, Place } from '../../src/control/scheduling/snapshot.ts'
import type { Seat } from '../../src/control/scheduling/warm/seat.ts'

export function aPlace(changes: Partial<Place> = {}): Place {
  return {
    id: 'w1',
    incarnation: 'i1',
    pool: 'default',
    ready: true,
    draining: false,
    lost: false,
    runSlots: 1,
    prefetchSlots: 1,
    definitions: 'hash',
    silentMs: 500,
    labels: [],
    environment: null,
    vramTotal: null,
    open: 0,
    warm: [],
    ...changes,
  }
}

export function aSeat(changes: Partial<Seat> = {}): Seat {
  return { ...aPlace(), holds: [], loras: [], servedMs: 0, waitMs: 0, usedAt: 0, ...changes }
}

export function aCandidate(changes: Partial<Candidate> = {}): Candidate {
  return {
    id: 'job-1',
    seq: '1',
    priority: 1,
    pool: 'default',
    spaceId: 'space',
    userId: 'user',
    classes: ['SaveImage'],
    avoid: [],
    labels: [],
    environment: null,
    minVram: null,
    models: [],
    loras: [],
    estimate: 10,
    ...changes,
  }
}

export const known = new Map([['hash', new Set(['SaveImage', 'EmptyImage'])]])
