import {
  GetFileByHash,
  LibraryFilePage,
  LibraryFileView,
  LibraryStats,
  ListLibraryFiles,
  ScanLibrary,
  ScanView,
} from '@easel/contracts'
import { Injectable } from '@nestjs/common'
import { route } from '../http/route.ts'
import { Services } from '../services.ts'
import type { Controller, Route } from '../http/route.ts'

@Injectable()
export class LibraryController implements Controller {
  readonly area = 'models'
  readonly routes: readonly Route[] = [
    ...['/library/files', '/models'].map((path) =>
      route({
        method: 'GET',
        path,
        access: 'models:read',
        summary: 'List the model files of the library',
        query: ListLibraryFiles,
        answer: LibraryFilePage,
        handle: ({ query, actor }) => this.services.catalog.listFiles(query, { actor }),
      }),
    ),
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
      path: '/models/by-hash/:hash',
      access: 'models:read',
      summary: 'Find a model file by SHA-256, AutoV2 or AutoV3',
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

  constructor(private readonly services: Services) {}
}
