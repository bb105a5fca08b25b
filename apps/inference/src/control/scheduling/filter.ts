import type { Candidate, KnownClasses, Place } from './snapshot.ts'

/** Why a worker does not get a job. The order is the order of asking: the first that holds is given. */
export const exclusions = {
  OTHER_POOL: 'It serves another pool',
  LOST: 'It is gone',
  SILENT: 'It has not been heard of for a while',
  DRAINING: 'It takes no more work',
  NOT_READY: 'Its ComfyUI does not answer',
  NODES_UNKNOWN: 'Its node definitions have not been read yet',
  NODE_CLASS_MISSING: 'It lacks a node class of the workflow',
  ALL_BUSY: 'Its slots are taken',
} as const
export type Exclusion = keyof typeof exclusions

const freshMs = 4_000

/** The reason why this worker cannot take this job now; undefined when it can. */
export function exclude(job: Candidate, place: Place, known: KnownClasses): Exclusion | undefined {
  if (place.pool !== job.pool) return 'OTHER_POOL'
  const unfit = unavailable(place)
  if (unfit) return unfit
  if (place.definitions !== null) {
    const classes = known.get(place.definitions)
    if (!classes) return 'NODES_UNKNOWN'
    if (job.classes.some((name) => !classes.has(name))) return 'NODE_CLASS_MISSING'
  }
  return freeSlots(place) > 0 ? undefined : 'ALL_BUSY'
}

/** What keeps a worker from taking any job at all, but for its slots. */
export function unavailable(place: Place): Exclusion | undefined {
  if (place.lost) return 'LOST'
  if (place.silentMs > freshMs) return 'SILENT'
  if (place.draining) return 'DRAINING'
  if (!place.ready) return 'NOT_READY'
  return undefined
}

export function freeSlots({ runSlots, prefetchSlots, open }: Place): number {
  return Math.max(0, runSlots + prefetchSlots - open)
}
