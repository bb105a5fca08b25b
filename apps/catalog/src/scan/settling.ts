import { libraryFileChanged } from '@easel/contracts'
import type { LibraryFileChanged } from '@easel/contracts'
import type { OutboxEntry } from '@easel/database'
import type { CatalogStore, CatalogTx } from '../catalog.store.ts'
import { toListedView } from '../library/file-view.ts'
import type { FileRow } from '../library/file-view.ts'
import type { SettledFile } from './scan.repository.ts'

const mostAtOnce = 200

type Waiting = { files: readonly SettledFile[]; resolve: () => void; reject: (cause: unknown) => void }

/**
 * Commits files as they are done: one at once, and those that come while a commit is under way together in the
 * next. So a killed scan loses at most the files of one commit, and small files do not wait for the disk one
 * by one.
 */
export class Settling {
  readonly #store: CatalogStore
  readonly #waiting: Waiting[] = []
  #running: Promise<void> | undefined

  constructor(store: CatalogStore) {
    this.#store = store
  }

  get crowded(): boolean {
    return this.#waiting.length > mostAtOnce
  }

  /** Resolves when the files are committed. */
  add(files: readonly SettledFile[]): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiting.push({ files, resolve, reject })
    this.#running ??= this.#run()
    return promise
  }

  async drain(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, mostAtOnce)
      try {
        const files = batch.flatMap((waiting) => waiting.files)
        await this.#store.transact(async (tx) => announce(tx, await tx.scan.settle(files)))
        for (const { resolve } of batch) resolve()
      } catch (cause) {
        for (const { reject } of batch) reject(cause)
      }
    }
    this.#running = undefined
  }
}

/** Tells of rows that are known now, in the transaction that wrote them. */
export async function announce(tx: CatalogTx, rows: readonly FileRow[]): Promise<void> {
  await tx.outbox.addMany(
    libraryFileChanged,
    rows.map((row) => entry(row.announced ? 'library.file-changed' : 'library.file-added', row)),
  )
  await tx.scan.markAnnounced(rows.filter(({ announced }) => !announced).map(({ id }) => id))
}

export async function announceRemoved(tx: CatalogTx, rows: readonly FileRow[]): Promise<void> {
  const known = rows.filter(({ announced }) => announced)
  await tx.outbox.addMany(
    libraryFileChanged,
    known.map((row) => entry('library.file-removed', row)),
  )
}

function entry(event: LibraryFileChanged['event'], row: FileRow): OutboxEntry<LibraryFileChanged> {
  return { key: row.id, payload: { event, file: toListedView(row) } }
}
