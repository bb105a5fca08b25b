import { Injectable } from '@nestjs/common'
import { requireActor } from '@easel/protocol'
import type {
  AssetScope,
  ById,
  CreateAsset,
  CreateSession,
  gallery,
  GetThumbnail,
  ListAssets,
  ListSessions,
  ResolveAssets,
  UpdateAsset,
  UpdateSession,
} from '@easel/contracts'
import type { CallContext, Handlers } from '@easel/protocol'
import { AssetsService } from './assets/assets.service.ts'
import { SessionsService } from './sessions/sessions.service.ts'
import { ThumbnailsService } from './thumbnails/thumbnails.service.ts'

@Injectable()
export class GalleryRpc implements Handlers<typeof gallery> {
  constructor(
    private readonly assets: AssetsService,
    private readonly thumbnails: ThumbnailsService,
    private readonly sessions: SessionsService,
  ) {}

  async createAsset(input: CreateAsset, context: CallContext) {
    return this.assets.create(input, requireActor(context))
  }

  async listAssets(input: ListAssets, context: CallContext) {
    return this.assets.list(input, requireActor(context))
  }

  async getAsset({ id }: ById, context: CallContext) {
    return this.assets.get(id, requireActor(context))
  }

  async getAssetContent({ id }: ById, context: CallContext) {
    return this.assets.content(id, requireActor(context))
  }

  async getThumbnail(input: GetThumbnail, context: CallContext) {
    return this.thumbnails.get(input, requireActor(context))
  }

  async updateAsset(input: UpdateAsset, context: CallContext) {
    return this.assets.update(input, requireActor(context))
  }

  async deleteAsset({ id }: ById, context: CallContext) {
    await this.assets.delete(id, requireActor(context))
    return {}
  }

  async resolveAssets({ ids }: ResolveAssets, context: CallContext) {
    return { items: await this.assets.resolve(ids, requireActor(context)) }
  }

  async findAssets({ ids }: ResolveAssets, context: CallContext) {
    return { items: await this.assets.findReadable(ids, requireActor(context)) }
  }

  async getAssetStats({ spaceId }: AssetScope, context: CallContext) {
    return this.assets.stats(spaceId, requireActor(context))
  }

  async createSession(input: CreateSession, context: CallContext) {
    return this.sessions.create(input, requireActor(context))
  }

  async listSessions(input: ListSessions, context: CallContext) {
    return this.sessions.list(input, requireActor(context))
  }

  async getSession({ id }: ById, context: CallContext) {
    return this.sessions.get(id, requireActor(context))
  }

  async updateSession(input: UpdateSession, context: CallContext) {
    return this.sessions.update(input, requireActor(context))
  }

  async deleteSession({ id }: ById, context: CallContext) {
    await this.sessions.delete(id, requireActor(context))
    return {}
  }
}
