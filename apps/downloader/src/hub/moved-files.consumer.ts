import { consumeFact } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { libraryFileChanged } from '@easel/contracts'
import type { HubContents } from './hub-contents.ts'

/** A file of the library that contents were linked to may have been moved: its other names lead to it again. */
export function consumeMovedFiles(bus: Bus, contents: HubContents): Promise<AsyncDisposable> {
  return consumeFact(bus, {
    consumer: 'downloader-hub',
    fact: libraryFileChanged,
    handle: async ({ payload: { event, file } }) => {
      // Further models folders are not known here by their names.
      if (event === 'library.file-removed' || !file.sha256 || file.root) return
      await contents.follow(file.sha256, file.path)
    },
  })
}
