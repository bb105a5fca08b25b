import type { GetModel, HashMatch, ModelCard, ModelView, NsfwLevel, VersionView } from '@easel/contracts'
import type { Database } from '@easel/database'
import type { Logger } from '@easel/observability'
import { AppError, notFound } from '@easel/protocol'
import type { FoldersOfTypes } from '../needs/file-folder.ts'
import type { SourceId } from '../sources/source-model.ts'
import { CardsRepository } from './cards.repository.ts'
import { CardsService } from './cards.service.ts'
import type { Viewer } from './cards.service.ts'
import type { Sources } from './keeping-source.ts'
import { toLicenceView } from './licence-view.ts'
import type { LocalModels } from './local-models.ts'
import { ModelsRepository } from './models.repository.ts'
import type { HashHit, ModelHead, VersionRow } from './models.repository.ts'
import { rankOfLevel } from './nsfw.ts'
import { toVersionView } from './version-view.ts'

export type ModelsParts = {
  readonly database: Database
  readonly sources: Sources
  readonly local: LocalModels
  readonly folders: FoldersOfTypes
  readonly log: Pick<Logger, 'warn'>
  /** For how long a model need not be asked for again. */
  readonly maxAgeMs: number
  readonly deadlineMs: number
}

/** A model that cannot be shown at the level of whoever asks is not there for them. */
export class ModelsService {
  private readonly parts: ModelsParts
  private readonly models: ModelsRepository
  private readonly cards: CardsService
  private readonly rows: CardsRepository

  constructor(parts: ModelsParts) {
    this.parts = parts
    this.models = new ModelsRepository(parts.database)
    this.cards = new CardsService(parts.database)
    this.rows = new CardsRepository(parts.database)
  }

  async get({ source, id, maxNsfw, refresh = false }: GetModel, userId: string): Promise<ModelView> {
    if (id.includes('\0')) throw noModel()
    const { head, stale } =
      source === 'local' ? await this.ofLibrary(id) : await this.ofSource({ source, id, refresh })
    const viewer = { userId, nsfwRank: rankOfLevel(maxNsfw) }
    if (head.nsfwRank > viewer.nsfwRank) throw noModel()
    const card = (await this.cards.show([head.key], viewer)).get(head.key)
    if (!card) throw noModel()
    return {
      ...card,
      description: head.description,
      licence: toLicenceView(head.licence),
      approvalUrl: head.approvalUrl,
      url: head.pageUrl,
      versions: await this.versionsOf(card, await this.models.listVersions(head.key), {
        key: head.key,
        viewer,
      }),
      syncedAt: head.syncedAt?.toISOString() ?? null,
      stale,
    }
  }

  /** Own tables first; a source is asked for what they do not know. */
  async findByHash(given: string, { userId, maxNsfw }: { userId: string; maxNsfw: NsfwLevel | undefined }) {
    const hash = given.toLowerCase()
    const hit = (await this.models.findByHash(hash)) ?? (await this.askForHash(hash))
    if (!hit) throw noModel()
    return this.matchView(hit, { userId, nsfwRank: rankOfLevel(maxNsfw) })
  }

  /** One version of a model, as it is shown with updates and matches. */
  async versionView(
    versionKey: string,
    card: ModelCard,
    place: { key: string; viewer: Viewer },
  ): Promise<VersionView> {
    const row = await this.models.findVersion(versionKey)
    const [view] = row ? await this.versionsOf(card, [row], place) : []
    if (!view) throw noModel()
    return view
  }

  /** The key of a model that is known or can be had. */
  async ensure(source: ModelCard['source'], id: string): Promise<string> {
    if (id.includes('\0')) throw noModel()
    const known = await this.rows.findKey(source, id)
    if (known !== undefined) return known
    const { head } =
      source === 'local' ? await this.ofLibrary(id) : await this.ofSource({ source, id, refresh: false })
    return head.key
  }

  private async ofLibrary(id: string): Promise<{ head: ModelHead; stale: boolean }> {
    const find = () => this.models.findHead('local', id, this.parts.maxAgeMs)
    let head = await find()
    if (!head && (await this.parts.local.reconcile())) head = await find()
    if (!head) throw noModel()
    return { head, stale: false }
  }

  private async ofSource({ source, id, refresh }: { source: SourceId; id: string; refresh: boolean }) {
    const known = await this.models.findHead(source, id, this.parts.maxAgeMs)
    if (known?.fresh && !refresh) return { head: known, stale: false }
    const asked = await this.ask(source, { id, refresh })
    const head = asked.error && known ? known : await this.models.findHead(source, id, this.parts.maxAgeMs)
    if (head) return { head, stale: asked.stale }
    throw asked.error ? unreachable(asked.error) : noModel()
  }

  private async ask(source: SourceId, { id, refresh }: { id: string; refresh: boolean }) {
    const signal = AbortSignal.timeout(this.parts.deadlineMs)
    try {
      const { stale } = await this.parts.sources[source].getModel(id, { refresh, signal })
      return { stale, error: undefined }
    } catch (cause) {
      const error = signal.aborted
        ? new AppError('unavailable', 'The source did not answer in time', {
            reason: 'SOURCE_UNAVAILABLE',
            cause,
          })
        : AppError.from(cause)
      if (error.code === 'internal')
        this.parts.log.warn({ err: cause, source }, 'A model could not be asked for')
      return { stale: true, error }
    }
  }

  /** Of kinds that are not looked up here, too: the source knows them all. */
  private async askForHash(hash: string): Promise<HashHit | undefined> {
    const signal = AbortSignal.timeout(this.parts.deadlineMs)
    try {
      const [match] = (await this.parts.sources.civitai.findByHashes?.([hash], signal)) ?? []
      if (!match) return undefined
      const { modelId, version, file } = match
      return await this.models.findFile({
        source: 'civitai',
        modelId,
        versionId: version.id,
        fileId: file.id,
      })
    } catch (cause) {
      const error = AppError.from(cause)
      if (error.code === 'not_found') return undefined
      throw unreachable(error)
    }
  }

  private async matchView(hit: HashHit, viewer: Viewer): Promise<HashMatch> {
    const card = (await this.cards.show([hit.modelKey], viewer)).get(hit.modelKey)
    if (!card) throw noModel()
    const version = await this.versionView(hit.versionKey, card, { key: hit.modelKey, viewer })
    return { model: card, version, fileId: hit.fileId }
  }

  private async versionsOf(
    card: ModelCard,
    versions: readonly VersionRow[],
    { key, viewer }: { key: string; viewer: Viewer },
  ): Promise<VersionView[]> {
    const keys = versions.map((version) => version.key)
    const [files, images, installed] = await Promise.all([
      this.models.listFiles(keys),
      this.models.listImages(keys),
      this.rows.listInstalled([key]),
    ])
    const [filesOf, imagesOf, installedOf] = [
      Map.groupBy(files, ({ versionKey }) => versionKey),
      Map.groupBy(images, ({ versionKey }) => versionKey),
      Map.groupBy(installed, ({ versionKey }) => versionKey),
    ]
    return versions
      .filter((version) => !version.withdrawn || installedOf.has(version.key) || versions.length === 1)
      .map((version) =>
        toVersionView(version, {
          source: card.source,
          type: card.type,
          files: filesOf.get(version.key) ?? [],
          images: imagesOf.get(version.key) ?? [],
          installed: installedOf.get(version.key) ?? [],
          nsfwRank: viewer.nsfwRank,
          folders: this.parts.folders,
        }),
      )
  }
}

const noModel = () => notFound('model', 'MODEL_NOT_FOUND')

/** What a source answers for itself stays; that it does not answer has one reason. */
function unreachable(error: AppError): AppError {
  if (error.code === 'not_found') return noModel()
  if (error.code === 'forbidden' || error.reason === 'SOURCE_UNAVAILABLE') return error
  const { retryAfterMs } = error.extra
  return new AppError('unavailable', 'The source cannot be asked now', {
    reason: 'SOURCE_UNAVAILABLE',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    cause: error,
  })
}
