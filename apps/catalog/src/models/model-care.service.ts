import type {
  DismissUpdate,
  FavoritePage,
  ListFavorites,
  ListUpdates,
  SetFavorite,
  UpdatePage,
} from '@easel/contracts'
import { modelChanged } from '@easel/contracts'
import type { Database } from '@easel/database'
import { AppError } from '@easel/protocol'
import { isMoment } from '../moment.ts'
import { CardsService } from './cards.service.ts'
import { FavoritesRepository } from './favorites.repository.ts'
import type { FavoritePlace } from './favorites.repository.ts'
import type { ModelsService } from './models.service.ts'
import { rankOfLevel } from './nsfw.ts'
import { UpdatesRepository } from './updates.repository.ts'
import type { FoundUpdate } from './updates.repository.ts'

/** What users mark, and what there is to tell them of what they have. */
export class ModelCareService {
  private readonly database: Database
  private readonly models: ModelsService
  private readonly cards: CardsService
  private readonly favorites: FavoritesRepository
  private readonly updates: UpdatesRepository

  constructor(database: Database, models: ModelsService) {
    this.database = database
    this.models = models
    this.cards = new CardsService(database)
    this.favorites = new FavoritesRepository(database)
    this.updates = new UpdatesRepository(database)
  }

  async setFavorite({ source, id, favorite }: SetFavorite, userId: string): Promise<void> {
    // What is gone by now can still be let go of.
    if (!favorite) return this.favorites.remove(userId, source, id.replaceAll('\0', ''))
    await this.models.ensure(source, id)
    await this.favorites.add(userId, source, id)
  }

  async listFavorites({ cursor, limit = 50, maxNsfw }: ListFavorites, userId: string): Promise<FavoritePage> {
    const nsfwRank = rankOfLevel(maxNsfw)
    const after = cursor === undefined ? undefined : decodePlace(cursor)
    const rows = await this.favorites.list({ userId, after, limit: limit + 1, nsfwRank })
    const page = rows.slice(0, limit)
    const last = rows.length > limit ? page.at(-1) : undefined
    const cards = await this.cards.show(
      page.map(({ key }) => key),
      { userId, nsfwRank },
    )
    return { items: [...cards.values()], nextCursor: last ? encodePlace(last) : null }
  }

  async listUpdates({ cursor, limit = 50, maxNsfw }: ListUpdates, userId: string): Promise<UpdatePage> {
    const viewer = { userId, nsfwRank: rankOfLevel(maxNsfw) }
    const before = cursor === undefined ? undefined : decodeSeq(cursor)
    const rows = await this.updates.list({ ...viewer, before, limit: limit + 1 })
    const page = rows.slice(0, limit)
    const cards = await this.cards.show([...new Set(page.map(({ modelKey }) => modelKey))], viewer)
    const items = await Promise.all(
      page.flatMap((row) => {
        const model = cards.get(row.modelKey)
        if (!model) return []
        return [
          this.models.versionView(row.versionKey, model, { key: row.modelKey, viewer }).then((newest) => ({
            model,
            installedVersionId: row.installedId,
            installedVersionName: row.installedName,
            newest,
            foundAt: row.foundAt.toISOString(),
          })),
        ]
      }),
    )
    const last = rows.length > limit ? page.at(-1) : undefined
    return { items, nextCursor: last ? encode(last.seq) : null }
  }

  dismiss({ source, modelId, versionId }: DismissUpdate, userId: string): Promise<void> {
    const clean = (text: string) => text.replaceAll('\0', '')
    return this.updates.dismiss(userId, { source, modelId: clean(modelId), versionId: clean(versionId) })
  }

  /** Looks for newer versions of what is here among what is known, and tells of each once. */
  findUpdates(): Promise<FoundUpdate[]> {
    return this.database.transact(async (tx) => {
      // Two at the same time would both tell.
      await tx.query(
        "select pg_advisory_xact_lock(hashtextextended('catalog-updates:' || current_schema(), 0))",
      )
      const found = await new UpdatesRepository(tx).refresh()
      for (const update of found) {
        await tx.outbox.add(modelChanged, {
          event: 'model.update-available',
          update: { ...update, source: update.source as 'civitai' | 'huggingface' },
        })
      }
      return found
    })
  }
}

const encode = (text: string) => Buffer.from(text).toString('base64url')
const decode = (text: string) => Buffer.from(text, 'base64url').toString()

const encodePlace = ({ at, key }: FavoritePlace) => encode(`${key} ${at}`)

function decodePlace(cursor: string): FavoritePlace {
  const match =
    /^(\d{1,18}) (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?[+-](?:0\d|1[0-4])(?::[0-5]\d)?)$/.exec(
      decode(cursor),
    )
  if (!match || !isMoment(match[2]!)) throw unknownCursor()
  return { key: match[1]!, at: match[2]! }
}

function decodeSeq(cursor: string): string {
  const text = decode(cursor)
  if (!/^\d{1,18}$/.test(text)) throw unknownCursor()
  return text
}

const unknownCursor = () =>
  new AppError('invalid', 'This cursor is of another list', {
    reason: 'CURSOR_INVALID',
    faults: [{ path: 'cursor', message: 'must be the nextCursor of the page before' }],
  })
