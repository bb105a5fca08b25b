import type { Bus } from '@easel/bus'
import type { BlobStore } from '@easel/blobs'
import type { Database } from '@easel/database'
import { createGuardedHttp } from '@easel/http'
import type { Logger } from '@easel/observability'
import type { CatalogStore } from '../catalog.store.ts'
import type { CatalogConfig } from '../config.ts'
import { ExternalService } from '../external/external.service.ts'
import type { ModelRoot } from '../scan/model-roots.ts'
import { consumePlacedFiles } from '../scan/placed-files.consumer.ts'
import { PlacedFilesRepository } from '../scan/placed-files.repository.ts'
import { ScanService } from '../scan/scan.service.ts'
import { PreviewStore } from '../sidecars/preview-store.ts'
import { SidecarWriter } from '../sidecars/sidecar-writer.ts'
import { CareService } from './care.service.ts'
import { CatalogueLookup } from './catalogue-lookup.ts'
import { LibraryCareRpc } from './library-care.rpc.ts'
import { LibraryService } from './library.service.ts'
import { LinkService } from './linking.ts'
import type { HashLookup } from './linking.ts'
import { TypeFolders } from './type-folders.ts'

export type LibraryParts = {
  database: Database
  store: CatalogStore
  bus: Bus
  log: Logger
  blobs: BlobStore | undefined
  /** Asked for hashes that the catalogue's tables do not know. */
  remoteLookup?: HashLookup | undefined
}

export type Library = AsyncDisposable & {
  readonly roots: readonly ModelRoot[]
  /** `null` where no models folder is set. */
  readonly scans: ScanService | null
  readonly links: LinkService
  readonly external: ExternalService | undefined
  readonly files: LibraryService
  readonly careRpc: LibraryCareRpc
}

/** Everything of the local library: folders, links to models, what is elsewhere on this machine. */
export async function startLibrary(config: CatalogConfig, parts: LibraryParts): Promise<Library> {
  await using stack = new AsyncDisposableStack()
  const { database, store, bus, log, blobs, remoteLookup } = parts
  const directory = config.modelsDirectory
  const roots = [...(directory === undefined ? [] : [{ name: '', directory }]), ...config.extraRoots]
  const folders = new TypeFolders(config.typeFolders)
  const files = new LibraryService(store, folders)
  const lookup = new CatalogueLookup(database)
  const sidecars =
    directory !== undefined && config.sidecars !== 'off'
      ? new SidecarWriter(directory, config.sidecars)
      : undefined
  const lookups = [lookup, ...(remoteLookup ? [remoteLookup] : [])]
  const links = stack.use(new LinkService({ database, store, log, lookups, sidecars }))
  const scans = startScans()
  const external = config.invokeAi && stack.use(startExternal(config.invokeAi))
  const http = stack.use(createGuardedHttp({ allowPrivate: config.allowPrivate, userAgent: 'Easel' }))
  const care = new CareService({ store, files, lookup, sidecars, directory })
  if (scans) {
    stack.use(scans)
    stack.use(
      await consumePlacedFiles(bus, {
        scans,
        links: sidecars ? store.links : undefined,
        placed: new PlacedFilesRepository(database),
      }),
    )
  }
  const owned = stack.move()
  return {
    roots,
    scans,
    links,
    external,
    files,
    careRpc: new LibraryCareRpc({ care, external, folders, http }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }

  function startScans(): ScanService | null {
    if (roots.length === 0) return null
    const { rescanMs, hashThreads } = config
    const previews = blobs && new PreviewStore(blobs, database)
    const folderOf = folders.folderOf.bind(folders)
    const onDone = () => links.wake()
    return new ScanService({
      database,
      store,
      bus,
      log,
      roots,
      rescanMs,
      hashThreads,
      previews,
      folderOf,
      onDone,
    })
  }

  function startExternal({ database: path, models }: { database: string; models: string | undefined }) {
    const { rescanMs, hashThreads: threads } = config
    return new ExternalService({ path, models, database, log, rescanMs, threads })
  }
}
