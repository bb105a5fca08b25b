import { stat } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type {
  ById,
  catalog,
  GetFileByHash,
  LibraryFilePage,
  LibraryFileView,
  LibraryStats,
  ListLibraryFiles,
  Nothing,
  ScanLibrary,
  ScanView,
} from '@easel/contracts'
import { AppError, notFound, requireActor } from '@easel/protocol'
import type { CallContext, Handlers } from '@easel/protocol'
import { Inject, Injectable } from '@nestjs/common'
import { CatalogStore } from './catalog.store.ts'
import { toFileView, toListedView } from './library/file-view.ts'
import { LibraryService } from './library/library.service.ts'
import { toScanView } from './scan/scan-progress.ts'
import { ScanService } from './scan/scan.service.ts'

/** `null` where no models folder is set. */
export type Library = { root: string; scans: ScanService } | null
export const LIBRARY = Symbol('library')

@Injectable()
export class CatalogRpc implements Handlers<typeof catalog> {
  constructor(
    private readonly files: LibraryService,
    private readonly store: CatalogStore,
    @Inject(LIBRARY) private readonly library: Library,
  ) {}

  async listFiles(input: ListLibraryFiles, context: CallContext): Promise<LibraryFilePage> {
    requireActor(context)
    const { page, nextCursor } = await this.files.list(input)
    return { items: page.map(toListedView), nextCursor }
  }

  async getFile({ id }: ById, context: CallContext): Promise<LibraryFileView> {
    requireActor(context)
    return toFileView(await this.files.get(id))
  }

  async getFileByHash({ hash }: GetFileByHash, context: CallContext): Promise<LibraryFileView> {
    requireActor(context)
    return toFileView(await this.files.getByHash(hash))
  }

  async getStats(_input: Nothing, context: CallContext): Promise<LibraryStats> {
    requireActor(context)
    const [stats, scan] = await Promise.all([this.files.stats(), this.currentScan()])
    return { ...stats, scan }
  }

  async scan({ path }: ScanLibrary, context: CallContext): Promise<ScanView> {
    if (requireActor(context).role === 'viewer') {
      throw new AppError('forbidden', 'Viewers may look at the library but not scan it')
    }
    const below = path === undefined ? '' : cleanPath(path)
    if (!this.library || !(await isThere(this.library.root))) {
      throw new AppError('conflict', 'There is no models folder: set EASEL_MODELS_DIR', {
        reason: 'NO_MODELS_DIRECTORY',
      })
    }
    if (!(await isThere(join(this.library.root, below))))
      throw notFound('path in the library', 'PATH_NOT_FOUND')
    const before = await this.currentScan()
    this.library.scans.request(below)
    return before.state === 'scanning'
      ? before
      : { ...toScanView(undefined), state: 'scanning', startedAt: new Date().toISOString() }
  }

  private async currentScan(): Promise<ScanView> {
    return toScanView(this.library?.scans.current ?? (await this.store.scan.findScan()))
  }
}

function cleanPath(path: string): string {
  const clean = posix.normalize(path).replace(/\/$/, '')
  if (clean.startsWith('/') || clean.split('/').includes('..') || path.includes('\0')) {
    throw notFound('path in the library', 'PATH_NOT_FOUND')
  }
  return clean === '.' ? '' : clean
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
