import {
  ActedOnDownloads,
  ActOnDownloads,
  CreateDownload,
  DownloadPage,
  DownloadSettings,
  DownloadView,
  ListDownloads,
  SetPriority,
  UpdateDownloadSettings,
} from '@easel/contracts'
import { Injectable } from '@nestjs/common'
import { route } from '../http/route.ts'
import { sourceMs } from '../models/models.controller.ts'
import { actOf, AuditRepository } from '../people/audit.repository.ts'
import { actingOf } from '../people/users.controller.ts'
import { Services } from '../services.ts'
import { idOf } from '../workflows/workflows.controller.ts'
import type { Controller, Route } from '../http/route.ts'

const steps = [
  ['pause', 'Pause a download', 'DOWNLOAD_FINISHED'],
  ['resume', 'Go on with a paused download', 'DOWNLOAD_FINISHED'],
  ['retry', 'Try a failed download again', 'DOWNLOAD_NOT_FAILED'],
] as const

@Injectable()
export class DownloadsController implements Controller {
  readonly area = 'downloads'
  readonly routes: readonly Route[] = [
    route({
      method: 'POST',
      path: '/downloads',
      access: 'models:write',
      summary: 'Download model files into the library',
      description:
        'By `url` with a `folder`; or by `source`: `civitai` (`versionId`, or `modelId` for its newest), `huggingface` (`repo`, and of it a `path` or `patterns`), `hash`, `reference` (an AIR, or the address of a model’s page), `bundle` (`bundleId`), `files` (several of these). Equal files share one transfer; what is in the library is not fetched again. MODEL_GATED tells in `details` where to ask for access.',
      body: CreateDownload,
      answer: DownloadView,
      status: 202,
      creates: true,
      secrets: ['token'],
      reasons: [
        'URL_FORBIDDEN',
        'FILENAME_INVALID',
        'SPACE_NOT_FOUND',
        'DISK_FULL',
        'FILE_EXISTS',
        'NO_MODELS_DIRECTORY',
        'MODEL_NOT_FOUND',
        'MODEL_GATED',
        'BUNDLE_NOT_FOUND',
        'REFERENCE_INVALID',
        'NOTHING_TO_DOWNLOAD',
        'SOURCE_UNAVAILABLE',
      ],
      handle: ({ body, actor }) =>
        this.services.downloader.createDownload(body, { actor, timeoutMs: sourceMs }),
    }),
    route({
      method: 'GET',
      path: '/downloads',
      access: 'models:read',
      summary: 'List downloads',
      query: ListDownloads,
      answer: DownloadPage,
      handle: ({ query, actor }) => this.services.downloader.listDownloads(query, { actor }),
    }),
    route({
      method: 'GET',
      path: '/downloads/settings',
      access: 'models:read',
      summary: 'Get the limits of all downloads together',
      answer: DownloadSettings,
      handle: ({ actor }) => this.services.downloader.getSettings({}, { actor }),
    }),
    route({
      method: 'PATCH',
      path: '/downloads/settings',
      access: 'admin',
      summary: 'Change the limits of all downloads together',
      body: UpdateDownloadSettings,
      answer: DownloadSettings,
      handle: async (call) => {
        const settings = await this.services.downloader.updateSettings(call.body, { actor: call.actor })
        await this.audit.add(actOf(actingOf(call), 'downloads.limited', 'downloads'))
        return settings
      },
    }),
    route({
      method: 'GET',
      path: '/downloads/:id',
      access: 'models:read',
      summary: 'Get a download',
      answer: DownloadView,
      reasons: ['DOWNLOAD_NOT_FOUND'],
      handle: ({ params, actor }) => this.services.downloader.getDownload({ id: params.id ?? '' }, { actor }),
    }),
    route({
      method: 'PATCH',
      path: '/downloads/:id',
      access: 'models:write',
      summary: 'Change how soon a download comes: a higher priority goes first',
      body: SetPriority,
      hidden: ['id'],
      given: idOf,
      answer: DownloadView,
      reasons: ['DOWNLOAD_NOT_FOUND'],
      handle: ({ body, actor }) => this.services.downloader.setPriority(body, { actor }),
    }),
    route({
      method: 'POST',
      path: '/downloads/actions',
      access: 'models:write',
      summary: 'Pause, resume, retry or cancel many downloads; all of a space, unless some are named',
      body: ActOnDownloads,
      answer: ActedOnDownloads,
      reasons: ['DOWNLOAD_NOT_FOUND', 'SPACE_NOT_FOUND'],
      handle: ({ body, actor }) => this.services.downloader.act(body, { actor }),
    }),
    ...steps.map(([step, summary, reason]) =>
      route({
        method: 'POST',
        path: `/downloads/:id/${step}`,
        access: 'models:write',
        summary,
        answer: DownloadView,
        reasons: ['DOWNLOAD_NOT_FOUND', reason],
        handle: ({ params, actor }) =>
          this.services.downloader[`${step}Download`]({ id: params.id ?? '' }, { actor }),
      }),
    ),
    route({
      method: 'DELETE',
      path: '/downloads/:id',
      access: 'models:write',
      summary: 'Stop a download and remove what it has fetched',
      reasons: ['DOWNLOAD_NOT_FOUND'],
      handle: async ({ params, actor }) => {
        await this.services.downloader.cancelDownload({ id: params.id ?? '' }, { actor })
      },
    }),
  ]

  constructor(
    private readonly services: Services,
    private readonly audit: AuditRepository,
  ) {}
}
