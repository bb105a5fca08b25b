import { unavailable, unfit } from './filter.ts'
import type { Candidate, KnownClasses, Place } from './snapshot.ts'

const maxKept = 10_000

/** Says of jobs whether any worker of now could run them if it had nothing else to do. Asks once for all that want the same. */
export class Runnable {
  private readonly verdicts = new Map<string, boolean>()
  private readonly wishes = new WeakMap<Candidate, string>()
  private workers = ''
  private places: readonly Place[] = []
  private known: KnownClasses = { get: () => undefined }

  /** To be called before others are asked for; what was found out is kept while the workers stay as they are. */
  look(places: readonly Place[], known: KnownClasses): void {
    const workers = places.map((place) => markOf(place, known)).join('\n')
    if (workers !== this.workers || this.verdicts.size > maxKept) this.verdicts.clear()
    this.workers = workers
    this.places = places
    this.known = known
  }

  has(job: Candidate): boolean {
    const wish = this.wishOf(job)
    const verdict = this.verdicts.get(wish)
    if (verdict !== undefined) return verdict
    const fits = this.places.some((place) => {
      const why = unfit(job, place, this.known)
      return why === undefined || why === 'NODES_UNKNOWN'
    })
    this.verdicts.set(wish, fits)
    return fits
  }

  private wishOf(job: Candidate): string {
    const known = this.wishes.get(job)
    if (known !== undefined) return known
    const { pool, classes, models, loras, fetchable = [], labels, environment, minVram } = job
    const wish = [pool, environment, minVram, classes, models, loras, fetchable, labels].join('\t')
    this.wishes.set(job, wish)
    return wish
  }
}

function markOf(place: Place, known: KnownClasses): string {
  const { id, incarnation, pool, definitions, environment, vramTotal, labels, fetchesModels } = place
  const read = definitions !== null && known.get(definitions) !== undefined
  return [
    id,
    incarnation,
    pool,
    definitions,
    read,
    unavailable(place),
    environment,
    vramTotal,
    labels,
    fetchesModels,
  ].join(' ')
}
