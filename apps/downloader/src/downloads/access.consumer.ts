import { consumeFact } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { accessChanged } from '@easel/contracts'
import type { DownloadsService } from './downloads.service.ts'

/** Hearing of it twice does no harm. */
export function consumeAccess(bus: Bus, downloads: DownloadsService): Promise<AsyncDisposable> {
  return consumeFact(bus, {
    consumer: 'downloader',
    fact: accessChanged,
    handle: ({ payload }) => downloads.withhold(payload),
  })
}
