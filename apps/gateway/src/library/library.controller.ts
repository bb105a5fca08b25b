import {
  GetFileByHash,
  LibraryFilePage,
  LibraryFileView,
  LibraryStats,
  ListLibraryFiles,
  ScanLibrary,
  ScanView,
} from '@easel/contracts'
import { notFound } from '@easel/protocol'
import { Inject, Injectable } from '@nestjs/common'
import { sendContent } from '../assets/content.ts'
import { answered, route } from '../http/route.ts'
import { Services } from '../services.ts'
import { BLOBS } from '../tokens.ts'
import type { BlobStore } from '@easel/blobs'
import type { Answered, Call, Controller, Route } from '../http/route.ts'

/** What lies in the models folders. */
@Injectable()
export class LibraryController implements Controller {
  readonly area = 'library'
  readonly routes: readonly Route[] = [
    route({
      method: 'GET',
      path: '/library/files',
      access: 'models:read',
      summary: 'List the model files of the library',
      query: ListLibraryFiles,
      answer: LibraryFilePage,
      handle: ({ query, actor }) => this.services.catalog.listFiles(query, { actor }),
    }),
    route({
      method: 'GET',
      path: '/library/files/:id',
      access: 'models:read',
      summary: 'Get a model file with its header',
      answer: LibraryFileView,
      reasons: ['FILE_NOT_FOUND'],
      handle: ({ params, actor }) => this.services.catalog.getFile({ id: params.id ?? '' }, { actor }),
    }),
    route({
      method: 'GET',
      path: '/library/files/:id/preview',
      access: 'models:read',
      summary: 'Get the small picture of a model file',
      produces: ['image/webp'],
      reasons: ['FILE_NOT_FOUND', 'NO_PREVIEW'],
      handle: (call) => this.#preview(call),
    }),
    route({
      method: 'GET',
      path: '/library/files/by-hash/:hash',
      access: 'models:read',
      summary: 'Find a model file of the library by SHA-256, AutoV2 or AutoV3',
      words: ['hash'],
      query: GetFileByHash,
      hidden: ['hash'],
      given: ({ params }) => ({ hash: (params as { hash: string }).hash }),
      answer: LibraryFileView,
      reasons: ['FILE_NOT_FOUND'],
      handle: ({ query, actor }) => this.services.catalog.getFileByHash(query, { actor }),
    }),
    route({
      method: 'POST',
      path: '/library/scan',
      access: 'models:write',
      summary: 'Look for new, changed and gone files; joins the scan that runs',
      body: ScanLibrary,
      optionalBody: true,
      answer: ScanView,
      status: 202,
      reasons: ['PATH_NOT_FOUND', 'NO_MODELS_DIRECTORY'],
      handle: ({ body, actor }) => this.services.catalog.scan(body, { actor }),
    }),
    route({
      method: 'GET',
      path: '/library/stats',
      access: 'models:read',
      summary: 'Count what is in the library, and say how the scan goes',
      answer: LibraryStats,
      handle: ({ actor }) => this.services.catalog.getStats({}, { actor }),
    }),
  ]

  constructor(
    private readonly services: Services,
    @Inject(BLOBS) private readonly blobs: BlobStore,
  ) {}

  async #preview({ params, actor, request, reply }: Call): Promise<Answered> {
    const { name, preview } = await this.services.catalog.getFile({ id: params.id ?? '' }, { actor })
    const found = preview ? await this.blobs.stat(preview) : undefined
    if (!preview || !found) throw notFound('preview', 'NO_PREVIEW')
    const content = { blob: preview, bytes: found.bytes, mime: 'image/webp', filename: `${name}.webp` }
    await sendContent(this.blobs, content, { request, reply })
    return answered
  }
}
