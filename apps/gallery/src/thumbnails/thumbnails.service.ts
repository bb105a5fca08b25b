import { notFound } from '@easel/protocol'
import type { AssetContent, GetThumbnail, ThumbnailSize } from '@easel/contracts'
import type { Database } from '@easel/database'
import type { Actor } from '@easel/protocol'
import type { AssetsService } from '../assets/assets.service.ts'
import { MediaRepository } from './media.repository.ts'
import type { StoredPicture } from './media.repository.ts'
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
    const { blob } = await this.assets.require(id, actor)
    const picture = (await this.media.findPicture(blob, size)) ?? (await this.make(blob, size))
    if (!picture) throw notFound('thumbnail', 'NO_THUMBNAIL')
    return { ...picture, filename: null }
  }

  private async make(blob: string, size: ThumbnailSize): Promise<StoredPicture | undefined> {
    await this.thumbnailer.ensure(blob, size)
    return this.media.findPicture(blob, size)
  }
}
