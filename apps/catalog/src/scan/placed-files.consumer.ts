import { consumeFact } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { filePlaced } from '@easel/contracts'
import type { LinkRepository } from '../library/link.repository.ts'
import type { PlacedFilesRepository } from './placed-files.repository.ts'
import { fileIdOf } from './scan-pass.ts'
import type { ScanService } from './scan.service.ts'

export type PlacedFiles = {
  scans: ScanService
  /** Left out: nothing is written beside what was placed. */
  links: LinkRepository | undefined
  placed: PlacedFilesRepository
}

/** A finished download is looked at right away. Being told twice does no harm, so no inbox is needed. */
export function consumePlacedFiles(
  bus: Bus,
  { scans, links, placed }: PlacedFiles,
): Promise<AsyncDisposable> {
  return consumeFact(bus, {
    consumer: 'catalog',
    fact: filePlaced,
    handle: async ({ payload: { path } }) => {
      const fileId = await fileIdOf('', path)
      await placed.add(fileId)
      await links?.addDue(fileId)
      scans.request(path)
    },
  })
}
