import { statfs } from 'node:fs/promises'
import { diskFull } from './partial-file.ts'

export type DiskSpace = {
  /** Throws DISK_FULL unless so many bytes fit and the reserve stays free. */
  require(bytes: number): Promise<void>
}

export function diskSpace(directory: string, reserve: number): DiskSpace {
  return {
    async require(bytes) {
      const { bavail, bsize } = await statfs(directory)
      if (bavail * bsize - bytes < reserve) throw diskFull()
    },
  }
}
