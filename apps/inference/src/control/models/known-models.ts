import type { Bus } from '@easel/bus'
import type { GraphJson, ModelFileRef } from '@easel/contracts'
import { AppError } from '@easel/protocol'
import type { SchedulingRepository } from '../scheduling/scheduling.repository.ts'
import type { ModelServices, Owner } from './model-services.ts'
import { heldOf } from './model-wait.ts'

export type KnownModelsParts = {
  bus: Bus
  services: ModelServices
  scheduling: Pick<SchedulingRepository, 'listPlaces'>
}

const keptMs = 60_000
const mostKept = 5_000

/**
 * Contents of files that no worker lists, for workers that fetch from the hub. Asked for such jobs alone, and each file
 * once a minute.
 */
export class KnownModels {
  private readonly kept = new Map<string, { ref: ModelFileRef; until: number }>()

  constructor(private readonly parts: KnownModelsParts) {}

  /** All of these files, or undefined: nobody fetches, or one of them is not known. */
  async find(
    names: readonly string[],
    { pool, graph, owner }: { pool: string; graph: GraphJson; owner: Owner },
  ): Promise<ModelFileRef[] | undefined> {
    const places = await this.parts.scheduling.listPlaces()
    if (!places.some((place) => place.pool === pool && place.fetchesModels)) return undefined
    const known = this.remembered(names)
    if (known) return known
    try {
      const { files } = await this.parts.services.check(owner, graph, true)
      for (const ref of heldOf(files)) this.keep(ref)
    } catch (cause) {
      const error = AppError.from(cause)
      if (error.code === 'internal') throw cause
      this.parts.bus.log.warn({ err: cause }, 'the catalogue does not say what is in the models of a job')
    }
    return this.remembered(names)
  }

  private remembered(names: readonly string[]): ModelFileRef[] | undefined {
    const now = performance.now()
    const found = names.flatMap((name) => {
      const entry = this.kept.get(name)
      return entry && entry.until > now ? [entry.ref] : []
    })
    return found.length === names.length ? found : undefined
  }

  private keep(ref: ModelFileRef): void {
    if (this.kept.size >= mostKept) this.kept.delete(this.kept.keys().next().value!)
    this.kept.set(ref.name, { ref, until: performance.now() + keptMs })
  }
}
