import type { ObjectInfo } from '@easel/comfyui'
import { unavailable } from '../scheduling/filter.ts'
import type { SchedulingRepository } from '../scheduling/scheduling.repository.ts'
import type { Place } from '../scheduling/snapshot.ts'
import type { NodeDefinitions } from './node-definitions.ts'

const keptMs = 1_000

/** The node definitions that a graph is checked against: those of the workers that are there. */
export class PoolDefinitions {
  private readonly scheduling: SchedulingRepository
  private readonly definitions: NodeDefinitions
  private places: Promise<Place[]> = Promise.resolve([])
  private until = 0

  constructor(scheduling: SchedulingRepository, definitions: NodeDefinitions) {
    this.scheduling = scheduling
    this.definitions = definitions
  }

  /** Of one pool, or of all. Empty when nobody is there to ask. */
  async infosOf(pool?: string): Promise<ObjectInfo[]> {
    const places = await this.current()
    return this.definitions.infosOf(
      places.filter((place) => (pool === undefined || place.pool === pool) && !unavailable(place)),
    )
  }

  /** Kept for a moment: a submit need not ask the database who is there. */
  private current(): Promise<Place[]> {
    const now = performance.now()
    if (now < this.until) return this.places
    this.until = now + keptMs
    this.places = this.scheduling.listPlaces()
    this.places.catch(() => {
      this.until = 0
    })
    return this.places
  }
}
