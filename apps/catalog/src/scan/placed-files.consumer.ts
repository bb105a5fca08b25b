import { consumeFact } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { filePlaced } from '@easel/contracts'
import type { LinkRepository } from '../library/link.repository.ts'
import { fileIdOf } from './scan-pass.ts'
import type { ScanService } from './scan.service.ts'

export type PlacedFiles = {
  scans: ScanService
  /** Left out: nothing is written beside what was placed. */
  links: LinkRepository | undefined
}

/** A finished download is looked at right away. Being told twice does no harm, so no inbox is needed. */
export function consumePlacedFiles(bus: Bus, { scans, links }: PlacedFiles): Promise<AsyncDisposable> {
  return consumeFact(bus, {
    consumer: 'catalog',
    fact: filePlaced,
    handle: async ({ payload: { path } }) => {
      await links?.addDue(await fileIdOf('', path))
      scans.request(path)
    },
  })
}
