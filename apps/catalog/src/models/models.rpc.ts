import type {
  DismissUpdate,
  FavoritePage,
  FindByHash,
  GetModel,
  HashMatch,
  ListFavorites,
  ListUpdates,
  models,
  ModelView,
  Nothing,
  SearchModels,
  SearchPage,
  SetFavorite,
  SuggestModels,
  Suggestions,
  SyncView,
  UpdatePage,
} from '@easel/contracts'
import { AppError, requireActor } from '@easel/protocol'
import type { CallContext, Done, Handlers } from '@easel/protocol'
import type { Catalogue } from './open-catalogue.ts'

/** Models belong to the house; favourites and dismissals are the caller's own. */
export class ModelsRpc implements Handlers<typeof models> {
  constructor(private readonly catalogue: Catalogue) {}

  search(input: SearchModels, context: CallContext): Promise<SearchPage> {
    return this.catalogue.search.find(input, requireActor(context).userId)
  }

  async suggest(input: SuggestModels, context: CallContext): Promise<Suggestions> {
    requireActor(context)
    return { items: await this.catalogue.search.suggest(input) }
  }

  getModel(input: GetModel, context: CallContext): Promise<ModelView> {
    return this.catalogue.models.get(input, requireActor(context).userId)
  }

  findByHash({ hash, maxNsfw }: FindByHash, context: CallContext): Promise<HashMatch> {
    return this.catalogue.models.findByHash(hash, { userId: requireActor(context).userId, maxNsfw })
  }

  async setFavorite(input: SetFavorite, context: CallContext): Promise<Done> {
    await this.catalogue.care.setFavorite(input, requireActor(context).userId)
    return {}
  }

  listFavorites(input: ListFavorites, context: CallContext): Promise<FavoritePage> {
    return this.catalogue.care.listFavorites(input, requireActor(context).userId)
  }

  listUpdates(input: ListUpdates, context: CallContext): Promise<UpdatePage> {
    return this.catalogue.care.listUpdates(input, requireActor(context).userId)
  }

  async dismissUpdate(input: DismissUpdate, context: CallContext): Promise<Done> {
    await this.catalogue.care.dismiss(input, requireActor(context).userId)
    return {}
  }

  getSync(_input: Nothing, context: CallContext): Promise<SyncView> {
    requireActor(context)
    return this.catalogue.sync.view()
  }

  async startSync(_input: Nothing, context: CallContext): Promise<SyncView> {
    if (requireActor(context).role === 'viewer') {
      throw new AppError('forbidden', 'Viewers may look at the catalogue but not have it brought up to date')
    }
    this.catalogue.sync.start()
    const view = await this.catalogue.sync.view()
    return { ...view, sources: view.sources.map((source) => ({ ...source, state: 'running' as const })) }
  }
}
