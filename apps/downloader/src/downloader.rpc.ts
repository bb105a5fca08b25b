import type {
  ById,
  CreateDownload,
  downloader,
  DownloadPage,
  DownloadSettings,
  DownloadView,
  ListDownloads,
  Nothing,
  UpdateDownloadSettings,
} from '@easel/contracts'
import { requireActor } from '@easel/protocol'
import type { CallContext, Done, Handlers } from '@easel/protocol'
import { Injectable } from '@nestjs/common'
import { toDownloadView } from './downloads/download-view.ts'
import { DownloadsService } from './downloads/downloads.service.ts'
import { SettingsService } from './settings/settings.service.ts'

@Injectable()
export class DownloaderRpc implements Handlers<typeof downloader> {
  constructor(
    private readonly downloads: DownloadsService,
    private readonly settings: SettingsService,
  ) {}

  async createDownload(input: CreateDownload, context: CallContext): Promise<DownloadView> {
    return toDownloadView(await this.downloads.create(requireActor(context), input))
  }

  async listDownloads(input: ListDownloads, context: CallContext): Promise<DownloadPage> {
    const { page, nextCursor } = await this.downloads.list(requireActor(context), input)
    return { items: page.map((row) => toDownloadView(row)), nextCursor }
  }

  async getDownload({ id }: ById, context: CallContext): Promise<DownloadView> {
    return toDownloadView(await this.downloads.get(requireActor(context), id))
  }

  async pauseDownload({ id }: ById, context: CallContext): Promise<DownloadView> {
    return toDownloadView(await this.downloads.pause(requireActor(context), id))
  }

  async resumeDownload({ id }: ById, context: CallContext): Promise<DownloadView> {
    return toDownloadView(await this.downloads.resume(requireActor(context), id))
  }

  async retryDownload({ id }: ById, context: CallContext): Promise<DownloadView> {
    return toDownloadView(await this.downloads.retry(requireActor(context), id))
  }

  async cancelDownload({ id }: ById, context: CallContext): Promise<Done> {
    await this.downloads.cancel(requireActor(context), id)
    return {}
  }

  async getSettings(_input: Nothing, context: CallContext): Promise<DownloadSettings> {
    requireActor(context)
    return await this.settings.get()
  }

  async updateSettings(input: UpdateDownloadSettings, context: CallContext): Promise<DownloadSettings> {
    return await this.settings.update(requireActor(context), input)
  }
}
