import type { Place } from '../snapshot.ts'

export type Held = {
  incarnation: string
  models: readonly string[]
  loras: readonly string[]
  servedMs: number
  usedAt: number
  isBusy: boolean
  /** When it was last seen busy, and last looked at. */
  busyAt: number
  lookedAt: number
}

/** A beat may be that old: what a worker was last given tells more. */
const beatLagMs = 3_000

/**
 * What each worker holds in memory: the models of the newest job with models that it was given, else what its beat
 * reports. Jobs without models change nothing. All times are by the caller's clock, in ms.
 */
export class Holdings {
  private readonly byWorker = new Map<string, Held>()

  /** Brings it up to now. `bound`: models of the newest attempt with models that the worker holds. */
  look(
    place: Place,
    bound: { models: readonly string[]; loras: readonly string[] } | undefined,
    now: number,
  ): Held {
    const known = this.byWorker.get(place.id)
    const held =
      known?.incarnation === place.incarnation
        ? known
        : {
            incarnation: place.incarnation,
            models: [],
            loras: [],
            servedMs: 0,
            usedAt: 0,
            isBusy: false,
            busyAt: 0,
            lookedAt: now,
          }
    this.byWorker.set(place.id, held)
    // What it ran may have ended in between.
    if (held.isBusy) held.servedMs += now - held.lookedAt
    if (held.isBusy || place.open > 0) held.busyAt = now
    held.isBusy = place.open > 0
    held.lookedAt = now
    if (bound) this.hold(held, bound)
    else if (held.models.length === 0 || now - held.busyAt > beatLagMs) this.believe(held, place.warm)
    return held
  }

  /** It is given a job that it comes to in so many ms. */
  take(
    place: Place,
    job: { models: readonly string[]; loras: readonly string[] },
    { now, waitMs, isHead }: { now: number; waitMs: number; isHead: boolean },
  ): void {
    const held = this.byWorker.get(place.id)
    if (!held) return
    held.isBusy = true
    // Until then it is busy with what it has.
    if (isHead) held.servedMs = -waitMs
    if (job.models.length === 0) return
    held.usedAt = now
    held.models = job.models
    held.loras = job.loras
  }

  /** Forgets those that are gone. */
  keep(ids: ReadonlySet<string>): void {
    for (const id of this.byWorker.keys()) if (!ids.has(id)) this.byWorker.delete(id)
  }

  private hold(held: Held, { models, loras }: { models: readonly string[]; loras: readonly string[] }): void {
    if (models.every((model) => held.models.includes(model))) return
    held.models = models
    held.loras = loras
    held.servedMs = 0
  }

  private believe(held: Held, warm: readonly string[]): void {
    // Empty beats come from workers that do not tell.
    const confirmed = held.models.length > 0 && held.models.every((model) => warm.includes(model))
    if (warm.length === 0 || confirmed) return
    held.models = warm
    held.loras = []
    held.servedMs = 0
  }
}
