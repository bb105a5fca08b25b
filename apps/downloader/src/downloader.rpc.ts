import type {
  ActedOnDownloads,
  ActOnDownloads,
  ById,
  CreateDownload,
  downloader,
  DownloadPage,
  DownloadSettings,
  DownloadView,
  FindTransfers,
  FoundTransfers,
  ListDownloads,
  Nothing,
  SetPriority,
  UpdateDownloadSettings,
} from '@easel/contracts'
import { requireActor } from '@easel/protocol'
import type { CallContext, Done, Handlers } from '@easel/protocol'
import { Injectable } from '@nestjs/common'
import { toDownloadView } from './downloads/download-view.ts'
import { DownloadsService } from './downloads/downloads.service.ts'
import { RequestsService } from './downloads/requests.service.ts'
import { SettingsService } from './settings/settings.service.ts'

/** In a list, which may hold many downloads. */
const mostFiles = 8

@Injectable()
export class DownloaderRpc implements Handlers<typeof downloader> {
  constructor(
    private readonly requests: RequestsService,
    private readonly downloads: DownloadsService,
    private readonly settings: SettingsService,
  ) {}

  async createDownload(input: CreateDownload, context: CallContext): Promise<DownloadView> {
    return toDownloadView(await this.requests.create(requireActor(context), input))
  }

  async listDownloads(input: ListDownloads, context: CallContext): Promise<DownloadPage> {
    const { page, nextCursor } = await this.downloads.list(requireActor(context), input)
    return { items: page.map((row) => toDownloadView(row, { mostFiles })), nextCursor }
  }

  async getDownload({ id }: ById, context: CallContext): Promise<DownloadView> {
    return toDownloadView(await this.downloads.get(requireActor(context), id))
  }

  async pauseDownload({ id }: ById, context: CallContext): Promise<DownloadView> {
    return toDownloadView(await this.downloads.change(requireActor(context), id, 'pause'))
  }

  async resumeDownload({ id }: ById, context: CallContext): Promise<DownloadView> {
    return toDownloadView(await this.downloads.change(requireActor(context), id, 'resume'))
  }

  async retryDownload({ id }: ById, context: CallContext): Promise<DownloadView> {
    return toDownloadView(await this.downloads.change(requireActor(context), id, 'retry'))
  }

  async cancelDownload({ id }: ById, context: CallContext): Promise<Done> {
    await this.downloads.change(requireActor(context), id, 'cancel')
    return {}
  }

  async setPriority({ id, priority }: SetPriority, context: CallContext): Promise<DownloadView> {
    return toDownloadView(await this.downloads.setPriority(requireActor(context), id, priority))
  }

  async act(input: ActOnDownloads, context: CallContext): Promise<ActedOnDownloads> {
    return await this.downloads.act(requireActor(context), input)
  }

  async findTransfers(input: FindTransfers, context: CallContext): Promise<FoundTransfers> {
    requireActor(context)
    const found = await this.downloads.findTransfers(input)
    return {
      items: found.map(({ path, status, bytesDone, bytesTotal, sha256 }) => ({
        path,
        status,
        bytesDone: Number(bytesDone),
        bytesTotal: bytesTotal === null ? null : Number(bytesTotal),
        sha256,
      })),
    }
  }

  async getSettings(_input: Nothing, context: CallContext): Promise<DownloadSettings> {
    requireActor(context)
    return await this.settings.get()
  }

  async updateSettings(input: UpdateDownloadSettings, context: CallContext): Promise<DownloadSettings> {
    return await this.settings.update(requireActor(context), input)
  }
}
