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
  RootCount,
  ScanLibrary,
  ScanView,
} from '@easel/contracts'
import { AppError, notFound, requireActor } from '@easel/protocol'
import type { CallContext, Handlers } from '@easel/protocol'
import { Inject, Injectable } from '@nestjs/common'
import { CatalogStore } from './catalog.store.ts'
import { toFileView, toListedView } from './library/file-view.ts'
import type { FileRow } from './library/file-view.ts'
import { LibraryService } from './library/library.service.ts'
import type { ListedFile } from './library/library.service.ts'
import { toScanView } from './scan/scan-progress.ts'
import type { Library } from './library/start-library.ts'

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
    return {
      items: page.map(({ twins, ...row }) => ({ ...toListedView(row), ...together(row, twins) })),
      nextCursor,
    }
  }

  async getFile({ id }: ById, context: CallContext): Promise<LibraryFileView> {
    requireActor(context)
    const row = await this.files.get(id)
    return toFileView(row, await this.files.aliases(row))
  }

  async getFileByHash({ hash }: GetFileByHash, context: CallContext): Promise<LibraryFileView> {
    requireActor(context)
    return toFileView(await this.files.getByHash(hash))
  }

  async getStats(_input: Nothing, context: CallContext): Promise<LibraryStats> {
    requireActor(context)
    const [stats, scan, external] = await Promise.all([
      this.files.stats(),
      this.currentScan(),
      this.library.external?.count(),
    ])
    return { ...stats, roots: await this.countRoots(), external: external ?? null, scan }
  }

  async scan({ path }: ScanLibrary, context: CallContext): Promise<ScanView> {
    if (requireActor(context).role === 'viewer') {
      throw new AppError('forbidden', 'Viewers may look at the library but not scan it')
    }
    const below = path === undefined ? '' : cleanPath(path)
    const { scans, roots } = this.library
    const root = roots[0]
    if (!scans || !root || !(await isThere(root.directory))) {
      throw new AppError('conflict', 'There is no models folder: set EASEL_MODELS_DIR', {
        reason: 'NO_MODELS_DIRECTORY',
      })
    }
    if (!(await isThere(join(root.directory, below)))) throw notFound('path in the library', 'PATH_NOT_FOUND')
    const before = await this.currentScan()
    if (below === '') scans.requestAll()
    else scans.request(below)
    return before.state === 'scanning'
      ? before
      : { ...toScanView(undefined), state: 'scanning', startedAt: new Date().toISOString() }
  }

  private async currentScan(): Promise<ScanView> {
    return toScanView(this.library.scans?.current ?? (await this.store.scan.findScan()))
  }

  private async countRoots(): Promise<RootCount[]> {
    const counts = await this.store.care.countBy('root')
    return await Promise.all(
      this.library.roots.map(async ({ name, directory }) => {
        const { files = 0, bytes = 0 } = counts.find(({ id }) => id === name) ?? {}
        return { root: name, present: await isThere(directory), files, bytes }
      }),
    )
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

/** A file and its quantized twin in one row. */
function together(row: FileRow, twins: ListedFile['twins']) {
  return twins?.length
    ? {
        variantIds: twins.map(({ id }) => id),
        bytesTogether: twins.reduce((sum, { bytes }) => sum + Number(bytes), Number(row.bytes)),
      }
    : {}
}
