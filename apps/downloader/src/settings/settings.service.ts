import type { UpdateDownloadSettings } from '@easel/contracts'
import { AppError } from '@easel/protocol'
import type { Actor } from '@easel/protocol'
import { Injectable } from '@nestjs/common'
import { DownloaderStore } from '../downloader.store.ts'
import { TransferEngine } from '../transfers/transfer-engine.ts'
import { isTimeZone } from '../bandwidth/bandwidth-hours.ts'
import type { SettingsRow } from './settings.repository.ts'

@Injectable()
export class SettingsService {
  constructor(
    private readonly store: DownloaderStore,
    private readonly engine: TransferEngine,
  ) {}

  get(): Promise<SettingsRow> {
    return this.store.settings.get()
  }

  async update(actor: Actor, changes: UpdateDownloadSettings): Promise<SettingsRow> {
    if (actor.role !== 'admin') {
      throw new AppError('forbidden', 'Only administrators may change how files are downloaded')
    }
    if (changes.timeZone && !isTimeZone(changes.timeZone)) {
      const faults = [{ path: 'timeZone', message: 'must be the name of a time zone, as Europe/Berlin' }]
      throw new AppError('invalid', 'There is no such time zone', { faults })
    }
    const settings = await this.store.settings.update(changes)
    this.engine.tellAll()
    return settings
  }
}
