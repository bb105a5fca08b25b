import { consumeFact } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { libraryFileChanged } from '@easel/contracts'
import { Wakeable } from '@easel/database'
import type { Database } from '@easel/database'
import type { Logger } from '@easel/observability'
import type { FoldersOfTypes } from '../needs/file-folder.ts'
import { CatalogueWriter } from './catalogue-writer.ts'
import { keepingSources } from './keeping-source.ts'
import type { Sources } from './keeping-source.ts'
import { LocalModels } from './local-models.ts'
import { ModelCareService } from './model-care.service.ts'
import type { ModelsConfig } from './models-config.ts'
import { ModelsService } from './models.service.ts'
import { SearchService } from './search.service.ts'
import { SourceAsker } from './source-asker.ts'
import { SyncService } from './sync.service.ts'

export type CatalogueParts = {
  readonly config: ModelsConfig
  readonly database: Database
  readonly bus: Bus
  readonly sources: Sources
  readonly folders: FoldersOfTypes
  readonly log: Logger
}

export type Catalogue = AsyncDisposable & {
  readonly search: SearchService
  readonly models: ModelsService
  readonly care: ModelCareService
  readonly sync: SyncService
  /** What anybody asks of these is kept. */
  readonly sources: Sources
  /** The library or the links of its files are others now. */
  libraryChanged(): void
}

/** The catalogue of models: what sources and the library have, in one place. */
export async function openCatalogue(parts: CatalogueParts): Promise<Catalogue> {
  await using stack = new AsyncDisposableStack()
  const { config, database, log, folders } = parts
  const writer = new CatalogueWriter({ database, log })
  const sources = keepingSources(parts.sources, writer)
  const local = new LocalModels({ database, log })
  const models = new ModelsService({
    database,
    sources,
    local,
    folders,
    log,
    maxAgeMs: config.modelAgeMs,
    deadlineMs: config.modelDeadlineMs,
  })
  const care = new ModelCareService(database, models)
  const asker = stack.use(
    new SourceAsker({
      database,
      sources,
      log,
      deadlineMs: config.searchDeadlineMs,
      maxAgeMs: config.searchAgeMs,
    }),
  )
  const sync = stack.use(
    new SyncService({ database, sources: parts.sources, writer, care, log, everyMs: config.syncMs }),
  )
  const follower = stack.use(new LibraryFollower({ local, care, log }))
  stack.use(
    await consumeFact(parts.bus, {
      consumer: 'catalog-models',
      fact: libraryFileChanged,
      // Looking once more than needed does no harm, so no inbox is.
      handle: async () => follower.wake(),
    }),
  )
  follower.wake()
  const owned = stack.move()
  return {
    search: new SearchService(database, asker),
    models,
    care,
    sync,
    sources,
    libraryChanged: () => follower.wake(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

const followMs = 60_000
const pauseMs = 200

/** Brings models of the library and update notices to what the library is; many changes at once are one look. */
class LibraryFollower implements AsyncDisposable {
  private readonly parts: { local: LocalModels; care: ModelCareService; log: Logger }
  private readonly turn = new Wakeable()
  private readonly loop: Promise<void>

  constructor(parts: { local: LocalModels; care: ModelCareService; log: Logger }) {
    this.parts = parts
    this.loop = this.follow()
  }

  wake(): void {
    this.turn.wake()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.turn.stop()
    await this.loop
  }

  private async follow(): Promise<void> {
    const { local, care, log } = this.parts
    while (!this.turn.stopped) {
      await this.turn.wait(followMs)
      if (this.turn.stopped) return
      this.turn.rest()
      try {
        if (await local.reconcile()) await care.findUpdates()
      } catch (cause) {
        log.warn({ err: cause }, 'The library could not be listed among the models; it is tried again')
      }
      await this.turn.pause(pauseMs)
    }
  }
}
