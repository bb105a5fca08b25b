import { exclude, freeSlots, unavailable } from './filter.ts'
import { score } from './score.ts'
import type { Assignment, Candidate, KnownClasses, Place } from './snapshot.ts'

/** Goes through the jobs in their order and gives each the best worker that is free for it. Changes nothing. */
export function assign(
  jobs: readonly Candidate[],
  places: readonly Place[],
  known: KnownClasses,
): { assignments: Assignment[]; places: Place[] } {
  const now = places.map((place) => ({ ...place }))
  const assignments: Assignment[] = []
  for (const job of jobs) {
    const best = bestFor(job, now, known)
    if (!best) continue
    best.open += 1
    assignments.push({ jobId: job.id, workerId: best.id, incarnation: best.incarnation })
  }
  return { assignments, places: now }
}

function bestFor(job: Candidate, places: Place[], known: KnownClasses): Place | undefined {
  let best: Place | undefined
  let bestScore = -Infinity
  for (const place of places) {
    if (exclude(job, place, known)) continue
    const value = score(job, place)
    if (value > bestScore) {
      best = place
      bestScore = value
    }
  }
  return best
}

/** Slots that could take a job now, by pool. */
export function freeByPool(places: readonly Place[]): Map<string, number> {
  const free = new Map<string, number>()
  for (const place of places) {
    if (unavailable(place)) continue
    const slots = freeSlots(place)
    if (slots > 0) free.set(place.pool, (free.get(place.pool) ?? 0) + slots)
  }
  return free
}
