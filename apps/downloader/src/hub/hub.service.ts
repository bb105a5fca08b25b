import { statfs } from 'node:fs/promises'
import type { LinkFarm } from '@easel/blobs'
import type { AdoptedFiles, AdoptFiles, HubStatus, ListHubFiles } from '@easel/contracts'
import { AppError } from '@easel/protocol'
import type { Actor } from '@easel/protocol'
import type { DownloaderStore } from '../downloader.store.ts'
import type { Adoption } from './adoption.ts'
import { contentNotFound } from './hub-contents.ts'
import type { HubContents } from './hub-contents.ts'
import { decodeHubCursor, encodeHubCursor } from './hub-cursor.ts'
import type { HubRoom } from './hub-room.ts'
import type { HubVerifier } from './hub-verifier.ts'
import type { ContentRow } from './hub.repository.ts'
import type { SharedStore } from './shared-store.ts'

export type HubServiceParts = {
  store: DownloaderStore
  farm: LinkFarm
  contents: HubContents
  room: HubRoom
  verifier: HubVerifier
  adoption: Adoption
  shared: SharedStore | undefined
  budget: () => Promise<number | null>
  /** Names of models that some ComfyUI holds in memory, as graphs call them. */
  loadedModels: (actor: Actor) => Promise<ReadonlySet<string>>
}

/** Each file is read, and whoever asks waits for the answer. */
const adoptMs = 10_000
/** A worker that asked where contents are is given this long to fetch and use them. */
const workerHoldMs = 30 * 60_000

/** What people and workers ask of the hub. */
export class HubService {
  readonly #parts: HubServiceParts

  constructor(parts: HubServiceParts) {
    this.#parts = parts
  }

  async status(): Promise<HubStatus> {
    const { store, farm, budget } = this.#parts
    const [sums, budgetBytes, disk] = await Promise.all([store.hub.sums(), budget(), statfs(farm.store)])
    const { verifiedAt, ...rest } = sums
    const freeBytes = disk.bavail * disk.bsize
    return { ...rest, verifiedAt: verifiedAt?.toISOString() ?? null, budgetBytes, freeBytes }
  }

  async list(input: ListHubFiles): Promise<{ rows: ContentRow[]; nextCursor: string | null }> {
    const limit = input.limit ?? 50
    const after = decodeHubCursor(input.cursor)
    const rows = await this.#parts.store.hub.list({ state: input.state ?? null, after, limit: limit + 1 })
    const page = rows.slice(0, limit)
    return { rows: page, nextCursor: rows.length > limit ? encodeHubCursor(page.at(-1)!) : null }
  }

  async pin(actor: Actor, sha256: string, pinned: boolean): Promise<ContentRow> {
    requireAdmin(actor)
    if (!(await this.#parts.store.hub.setPinned(sha256, pinned))) throw contentNotFound()
    return await this.#get(sha256)
  }

  async evict(actor: Actor, sha256: string): Promise<ContentRow> {
    requireAdmin(actor)
    const { store, room, shared, loadedModels } = this.#parts
    const row = await this.#get(sha256)
    if (row.state === 'bad' || row.state === 'lost') throw contentNotFound()
    if (row.pinned) throw inUse('It is pinned')
    if (row.external) throw inUse('It is the file of another program, which the hub does not delete')
    const loaded = await loadedModels(actor)
    if (row.paths.some((path) => loaded.has(path.slice(path.indexOf('/') + 1)))) {
      throw inUse('A ComfyUI holds it in memory')
    }
    if (await store.hub.isInUse(sha256)) throw inUse('A job uses it, or is about to')
    // What was only looked at a moment ago may go when somebody says so.
    if (row.state === 'present' && !(await room.evict(sha256, -60_000)))
      throw inUse('It has just come into use')
    if (row.shared) {
      await shared?.delete(sha256)
      await store.hub.setShared(sha256, false)
    }
    return await this.#get(sha256)
  }

  async verify(actor: Actor, sha256: readonly string[] | undefined): Promise<HubStatus> {
    requireAdmin(actor)
    const { store, verifier } = this.#parts
    await store.hub.askVerify(sha256 ?? null)
    verifier.wake()
    return await this.status()
  }

  async adopt(actor: Actor, { paths, dryRun = false }: AdoptFiles, forMs = adoptMs): Promise<AdoptedFiles> {
    requireAdmin(actor)
    return await this.#parts.adoption.adopt(paths, { dryRun, forMs })
  }

  /** Only what can be read from the store of the workers; it stays for a while. */
  async locate(sha256: readonly string[]): Promise<ContentRow[]> {
    const { store, shared } = this.#parts
    const rows = await store.hub.findMany(sha256)
    const readable = rows.filter(
      (row) => row.state !== 'bad' && (shared ? row.shared : row.state === 'present'),
    )
    const found = readable.map((row) => row.sha256)
    await store.hub.touch(found)
    await store.hub.lease('workers', found, workerHoldMs)
    return readable
  }

  async #get(sha256: string): Promise<ContentRow> {
    const row = await this.#parts.store.hub.find(sha256)
    if (!row) throw contentNotFound()
    return row
  }
}

function requireAdmin(actor: Actor): void {
  if (actor.role === 'admin') return
  throw new AppError('forbidden', 'Only administrators may change what the hub keeps')
}

const inUse = (why: string): AppError =>
  new AppError('conflict', `The content cannot be deleted. ${why}`, { reason: 'CONTENT_IN_USE' })
