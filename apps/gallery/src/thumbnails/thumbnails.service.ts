import { notFound } from '@easel/protocol'
import type { AssetContent, GetThumbnail } from '@easel/contracts'
import type { Database } from '@easel/database'
import type { Actor } from '@easel/protocol'
import type { AssetsService } from '../assets/assets.service.ts'
import { MediaRepository } from './media.repository.ts'
import type { Thumbnailer } from './thumbnailer.ts'

export class ThumbnailsService {
  private readonly media: MediaRepository
  private readonly assets: AssetsService
  private readonly thumbnailer: Thumbnailer

  constructor(database: Database, assets: AssetsService, thumbnailer: Thumbnailer) {
    this.media = new MediaRepository(database)
    this.assets = assets
    this.thumbnailer = thumbnailer
  }

  /** Makes it at once when it is not there yet. */
  async get({ id, size }: GetThumbnail, actor: Actor): Promise<AssetContent> {
    const { blob, thumbnail } = await this.assets.require(id, actor)
    if (thumbnail === 'pending') await this.thumbnailer.ensure(blob)
    const picture = await this.media.findPicture(blob, size)
    if (!picture) throw notFound('thumbnail', 'NO_THUMBNAIL')
    return { ...picture, filename: null }
  }
}
