import { consumeFact } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { filePlaced } from '@easel/contracts'
import type { ScanService } from './scan.service.ts'

/** A finished download is looked at right away. Asking twice for a scan does no harm, so no inbox is needed. */
export function consumePlacedFiles(bus: Bus, scans: ScanService): Promise<AsyncDisposable> {
  return consumeFact(bus, {
    consumer: 'catalog',
    fact: filePlaced,
    handle: async ({ payload }) => scans.request(payload.path),
  })
}
