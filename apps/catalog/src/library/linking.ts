import type { ModelSourceId } from '@easel/contracts'
import type { Database } from '@easel/database'
import type { Logger } from '@easel/observability'
import type { CatalogStore } from '../catalog.store.ts'
import { familyOf } from '../families/family-of.ts'
import { acquireScanLock } from '../scan/scan-lock.ts'
import { announce } from '../scan/settling.ts'
import type { SidecarWriter } from '../sidecars/sidecar-writer.ts'
import type { Link, UnlinkedFile } from './link.repository.ts'

/** Which version of which model some bytes are. */
export type HashMatch = {
  source: ModelSourceId
  modelId: string
  versionId: string
  modelName: string | null
  versionName: string | null
  baseModel: string | null
  trainedWords: readonly string[]
}

/** Knows models by the hashes of their files: SHA-256, AutoV2, AutoV3, in lower case. */
export interface HashLookup {
  /** Whether asking costs something: then it is asked once in a while only. */
  readonly remote: boolean
  find(hashes: readonly string[]): Promise<ReadonlyMap<string, HashMatch>>
}

export type LinkingParts = {
  database: Database
  store: CatalogStore
  log: Logger
  /** Asked one after the other, each for what those before do not know. */
  lookups: readonly HashLookup[]
  sidecars: SidecarWriter | undefined
}

const filesAtOnce = 500
const remoteAtOnce = 100
const everyMs = 120_000

/** Links files to the models that they are, whenever files or models have come, and then writes it beside them. */
export class LinkService implements AsyncDisposable {
  private readonly parts: LinkingParts
  private readonly timer: NodeJS.Timeout
  private running: Promise<void> | undefined
  private again = false
  private stopped = false

  constructor(parts: LinkingParts) {
    this.parts = parts
    this.timer = setInterval(() => this.wake(), everyMs).unref()
  }

  /** Links soon. */
  wake(): void {
    if (this.stopped) return
    if (this.running) {
      this.again = true
      return
    }
    this.running = this.run().finally(() => {
      this.running = undefined
      if (this.again) {
        this.again = false
        this.wake()
      }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopped = true
    clearInterval(this.timer)
    await this.running
  }

  private async run(): Promise<void> {
    const { database, log } = this.parts
    try {
      await using lock = await acquireScanLock(database, 'links')
      if (!lock) return
      for (const lookup of this.parts.lookups) await this.askOrPass(lookup)
      await this.writeDue()
    } catch (cause) {
      log.warn({ err: cause }, 'files could not be linked to their models and are tried again')
    }
  }

  /** What is away has no say; it is asked again in the next round. */
  private async askOrPass(lookup: HashLookup): Promise<void> {
    try {
      await this.ask(lookup)
    } catch (cause) {
      if (!lookup.remote) throw cause
      this.parts.log.info({ err: cause }, 'the hashes of new files could not be looked up elsewhere')
    }
  }

  private async ask(lookup: HashLookup): Promise<void> {
    const { links } = this.parts.store
    const limit = lookup.remote ? remoteAtOnce : filesAtOnce
    let after: string | undefined
    while (!this.stopped) {
      const files = await links.listUnlinked({ after, limit, unaskedOnly: lookup.remote })
      if (files.length === 0) return
      after = files.at(-1)!.id
      const hashes = lookup.remote ? files.map(({ sha256 }) => sha256) : files.flatMap(hashesOf)
      const matches = await lookup.find([...new Set(hashes)])
      await this.link(files, matches)
      if (lookup.remote) await links.markAsked(files.map(({ id }) => id))
    }
  }

  private async link(files: readonly UnlinkedFile[], matches: ReadonlyMap<string, HashMatch>): Promise<void> {
    const found = files.flatMap((file): Link[] => {
      const match = hashesOf(file)
        .map((hash) => matches.get(hash))
        .find((each) => each !== undefined)
      return match ? [toLink(file, match)] : []
    })
    if (found.length === 0) return
    await this.parts.store.transact(async (tx) => announce(tx, await tx.links.link(found)))
  }

  /** Beside what a download has put here, and what could not be written before. */
  private async writeDue(): Promise<void> {
    const { store, sidecars } = this.parts
    if (!sidecars || this.stopped) return
    const due = await store.links.listDue()
    if (due.length > 0) await store.links.settleDue(await sidecars.write(due))
  }
}

/** The surest first. */
const hashesOf = ({ sha256, autoV3, autoV2 }: UnlinkedFile): string[] =>
  [sha256, autoV3, autoV2].flatMap((hash) => hash?.toLowerCase() ?? [])

function toLink({ id, sha256, name }: UnlinkedFile, match: HashMatch): Link {
  return {
    id,
    sha256,
    source: match.source,
    modelId: match.modelId,
    versionId: match.versionId,
    title: match.modelName,
    baseModel: match.baseModel,
    family: familyOf({ baseModel: match.baseModel, names: [name, match.modelName] })?.id ?? null,
    words: [...match.trainedWords],
  }
}
