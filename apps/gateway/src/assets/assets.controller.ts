import { decode } from '@easel/bus'
import {
  AssetDetail,
  AssetPage,
  AssetScope,
  AssetStats,
  AssetView,
  CreateAsset,
  GetThumbnail,
  ListAssets,
  UpdateAsset,
} from '@easel/contracts'
import { requireWrite } from '@easel/protocol'
import { Inject, Injectable } from '@nestjs/common'
import { IsOptional, IsString, IsUUID, Length } from 'class-validator'
import { Gate } from '../http/gate.ts'
import { answered, route } from '../http/route.ts'
import { Services } from '../services.ts'
import { BLOBS, CONFIG } from '../tokens.ts'
import { idOf } from '../workflows/workflows.controller.ts'
import { whenArrived } from './arrival.ts'
import { redirectOf, sendContent } from './content.ts'
import { assetFields, openUpload } from './upload.ts'
import type { BlobStore } from '@easel/blobs'
import type { AssetContent } from '@easel/contracts'
import type { GatewayConfig } from '../config.ts'
import type { Answered, Call, Controller, Route } from '../http/route.ts'

/** The query of an upload; multipart bodies may say the same in fields before the file. */
export class UploadOptions {
  @IsOptional()
  @IsString()
  @Length(1, 1_000)
  filename?: string

  @IsOptional()
  @IsUUID()
  spaceId?: string

  @IsOptional()
  @IsUUID()
  sessionId?: string

  /** A comma list. */
  @IsOptional()
  @IsString()
  @Length(1, 2_000)
  tags?: string
}

export class ContentOptions {
  /** Present: save it instead of showing it. */
  @IsOptional()
  @IsString()
  download?: string
}

/** A thumbnail that is not there yet is made now. */
const thumbnailMs = 20_000
const defaultThumbnail = 256

@Injectable()
export class AssetsController implements Controller {
  readonly area = 'assets'
  readonly routes: readonly Route[] = [
    route({
      method: 'GET',
      path: '/assets',
      access: 'assets:read',
      summary: 'Search the gallery',
      query: ListAssets,
      answer: AssetPage,
      handle: ({ query, actor }) => this.services.gallery.listAssets(query, { actor }),
    }),
    route({
      method: 'POST',
      path: '/assets',
      access: 'assets:write',
      summary: 'Upload a file',
      description: 'As multipart (`file`), or as the raw body with its own content type and `?filename=`.',
      query: UploadOptions,
      consumes: ['multipart/form-data', 'application/octet-stream', 'image/*', 'video/*', 'audio/*'],
      answer: AssetView,
      status: 201,
      creates: true,
      reasons: ['SPACE_NOT_FOUND', 'SESSION_NOT_FOUND', 'ASSET_REFUSED', 'BODY_TOO_LARGE', 'DISK_FULL'],
      handle: (call) => this.#upload(call),
    }),
    route({
      method: 'GET',
      path: '/assets/stats',
      access: 'assets:read',
      summary: 'Count assets, their bytes and the models they were made with',
      query: AssetScope,
      answer: AssetStats,
      handle: ({ query, actor }) => this.services.gallery.getAssetStats(query, { actor }),
    }),
    route({
      method: 'GET',
      path: '/assets/:id',
      access: 'assets:read',
      summary: 'Get an asset with all that is known of it',
      answer: AssetDetail,
      reasons: ['ASSET_NOT_FOUND'],
      handle: ({ params: { id = '' }, actor }) =>
        whenArrived(id, () => this.services.gallery.getAsset({ id }, { actor })),
    }),
    route({
      method: 'PATCH',
      path: '/assets/:id',
      access: 'assets:write',
      summary: 'Change tags, notes, rating, favourite or session of an asset',
      body: UpdateAsset,
      hidden: ['id'],
      given: idOf,
      answer: AssetView,
      reasons: ['ASSET_NOT_FOUND', 'SESSION_NOT_FOUND'],
      handle: ({ body, actor }) =>
        whenArrived(body.id, () => this.services.gallery.updateAsset(body, { actor })),
    }),
    route({
      method: 'DELETE',
      path: '/assets/:id',
      access: 'assets:write',
      summary: 'Remove an asset',
      reasons: ['ASSET_NOT_FOUND'],
      handle: async ({ params: { id = '' }, actor }) => {
        await whenArrived(id, () => this.services.gallery.deleteAsset({ id }, { actor }))
      },
    }),
    route({
      method: 'GET',
      path: '/assets/:id/content',
      access: 'assets:read',
      summary: 'Get the bytes, whole or a range',
      description:
        'With `?download` the browser saves it. May redirect to a short-lived URL of the object store.',
      query: ContentOptions,
      produces: ['*/*'],
      reasons: ['ASSET_NOT_FOUND', 'RANGE_NOT_SATISFIABLE'],
      handle: (call) => this.#content(call),
    }),
    route({
      method: 'GET',
      path: '/assets/:id/thumbnail',
      access: 'assets:read',
      summary: 'Get a small picture: 256 (default), 512 or 1024 pixels on its longest side',
      query: GetThumbnail,
      hidden: ['id'],
      given: (request) => ({ size: defaultThumbnail, ...idOf(request), ...sizeOf(request.query) }),
      produces: ['image/webp'],
      reasons: ['ASSET_NOT_FOUND', 'NO_THUMBNAIL'],
      handle: (call) => this.#thumbnail(call),
    }),
  ]

  constructor(
    private readonly services: Services,
    private readonly gate: Gate,
    @Inject(BLOBS) private readonly blobs: BlobStore,
    @Inject(CONFIG) private readonly config: GatewayConfig,
  ) {}

  async #upload({ caller, actor, spaceId, query, request }: Call<never, UploadOptions>): Promise<AssetView> {
    const { uploadBytes } = this.config.limits
    const upload = await openUpload(request, uploadBytes)
    const fields = assetFields(upload)
    // Before the bytes: the gallery would refuse them only when they are all here.
    await this.gate.requireSpaces(caller, [fields.spaceId])
    requireWrite(actor, fields.spaceId ?? query.spaceId ?? spaceId ?? actor.personalSpaceId)
    const { key, bytes } = await this.blobs.put(upload.source, { maxBytes: uploadBytes })
    const asset = {
      spaceId: query.spaceId ?? spaceId,
      ...fields,
      blob: key,
      bytes,
      filename: upload.filename,
    }
    return this.services.gallery.createAsset(decode(CreateAsset, asset), { actor, timeoutMs: thumbnailMs })
  }

  async #content({ params, actor, request, reply }: Call<never, ContentOptions>): Promise<Answered> {
    const { id = '' } = params
    const found = await whenArrived(id, () => this.services.gallery.getAssetContent({ id }, { actor }))
    const content = named(found)
    const mayRedirect = this.config.redirectToBlobs && request.method === 'GET'
    const elsewhere = mayRedirect ? await redirectOf(this.blobs, content) : undefined
    if (elsewhere !== undefined) {
      void reply.header('cache-control', 'no-store').redirect(elsewhere, 302)
      return answered
    }
    await sendContent(this.blobs, content, { request, reply })
    return answered
  }

  async #thumbnail({ query, actor, request, reply }: Call<never, GetThumbnail>): Promise<Answered> {
    const options = { actor, timeoutMs: thumbnailMs }
    const found = await whenArrived(query.id, () => this.services.gallery.getThumbnail(query, options))
    const content = named(found)
    await sendContent(this.blobs, content, { request, reply })
    return answered
  }
}

function sizeOf(query: unknown): { size?: unknown } {
  const { size } = query as { size?: string }
  return size === undefined ? {} : { size: Number(size) }
}

function named(content: AssetContent) {
  return { ...content, filename: content.filename ?? 'asset' }
}
