import type { Candidate, Place } from './snapshot.ts'

/** How well this worker suits this job; the highest gets it. */
export function score(job: Candidate, place: Place): number {
  // A second chance is worth most elsewhere, but a worker that failed is better than none.
  const avoided = job.avoid.includes(place.id) ? -1_000 : 0
  // A slot that runs at once before one that only fetches; then the emptier worker.
  const waits = place.open >= place.runSlots ? -100 : 0
  const load = place.open / Math.max(1, place.runSlots)
  return avoided + waits - load
}
