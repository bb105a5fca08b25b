import type { BundleFile, LoraFacts, LoraReference, TransferProgress } from '@easel/contracts'
import type { Actor } from '@easel/protocol'
import type { BundleShelf, ShelvedBundle } from '../bundles/bundle-shelf.ts'
import { pathOf } from '../bundles/bundle-status.ts'
import type { TransfersUnderWay } from '../bundles/transfers-under-way.ts'
import type { CataloguedLora, KnownLorasRepository, LibraryLora } from './known-loras.repository.ts'
import { toLoraFacts } from './lora-facts.ts'
import type { Known, PresetLora } from './lora-facts.ts'

export type KnownLorasParts = {
  rows: KnownLorasRepository
  shelf: BundleShelf
  transfers: TransfersUnderWay
}
export type Viewer = { readonly actor: Actor; readonly nsfwRank: number }

const mostAsked = 500
const moving: ReadonlySet<string> = new Set(['queued', 'running', 'verifying'])

/** What is known of LoRAs, whatever they are named by. No source is asked. */
export class KnownLoras {
  private readonly parts: KnownLorasParts

  constructor(parts: KnownLorasParts) {
    this.parts = parts
  }

  /** In the order of the references. */
  async describe(loras: readonly LoraReference[], viewer: Viewer): Promise<LoraFacts[]> {
    if (loras.length === 0) return []
    const [catalogued, presets] = await Promise.all([this.catalogued(loras), this.presets(loras)])
    return this.complete(loras, { catalogued, presets, viewer })
  }

  /** Of models of the catalogue, which are named by the rows that were found. */
  describeModels(rows: readonly CataloguedLora[], viewer: Viewer): Promise<LoraFacts[]> {
    const catalogued = new Map(rows.map((row, place) => [place, row]))
    return this.complete(rows.map(referenceOf), { catalogued, presets: new Map(), viewer })
  }

  private async catalogued(loras: readonly LoraReference[]): Promise<Map<number, CataloguedLora>> {
    const versions = loras.flatMap(({ source, versionId, fileId = null }, place) =>
      source === 'civitai' && versionId ? [{ place, versionId, fileId }] : [],
    )
    const files = loras.flatMap(({ source, repo, revision = null, path }, place) =>
      source === 'huggingface' && repo && path ? [{ place, repo, revision, path }] : [],
    )
    const found = await Promise.all([
      this.parts.rows.listVersions(versions),
      this.parts.rows.listRepoFiles(files),
    ])
    return new Map(found.flat().map((row) => [row.place, row]))
  }

  private async presets(loras: readonly LoraReference[]): Promise<Map<number, PresetLora>> {
    if (!loras.some(({ source }) => source === 'bundle')) return new Map()
    const bundles = await this.parts.shelf.all()
    return new Map(
      loras.flatMap(({ source, bundleId, path }, place) => {
        const bundle = source === 'bundle' ? bundles.get(bundleId ?? '') : undefined
        const file = bundle?.files.find((each) => pathOf(each) === path)
        return bundle && file ? [[place, toPreset(bundle, file)] as const] : []
      }),
    )
  }

  private async complete(
    loras: readonly LoraReference[],
    { catalogued, presets, viewer }: Found,
  ): Promise<LoraFacts[]> {
    const sought = loras.map((lora, place) =>
      soughtOf(lora, { catalogued: catalogued.get(place), preset: presets.get(place) }),
    )
    const held = await this.held(loras, sought)
    const known = loras.map((lora, place): Known => ({
      file: held(lora, sought[place]!),
      catalogued: catalogued.get(place),
      preset: presets.get(place),
    }))
    const progress = await this.progress(
      sought.filter((_, place) => !known[place]!.file),
      viewer.actor,
    )
    return loras.map((lora, place) =>
      toLoraFacts(
        lora,
        { ...known[place]!, progress: known[place]!.file ? undefined : progress(sought[place]!) },
        viewer.nsfwRank,
      ),
    )
  }

  private async held(loras: readonly LoraReference[], sought: readonly Sought[]) {
    const files = await this.parts.rows.listHeld({
      ids: loras.flatMap(({ libraryFileId }) => libraryFileId ?? []),
      hashes: sought.flatMap(({ sha256 }) => sha256 ?? []),
      paths: sought.flatMap(({ paths }) => paths),
      versionIds: loras.flatMap(({ source, versionId }) => (source === 'civitai' && versionId) || []),
    })
    const [byId, byHash, byPath] = [
      new Map(files.map((file) => [file.id, file])),
      new Map(files.toReversed().map((file) => [file.sha256, file])),
      new Map(files.map((file) => [file.path, file])),
    ]
    const byVersion = new Map(
      files.filter(({ modelSource }) => modelSource === 'civitai').map((file) => [file.versionId, file]),
    )
    return (lora: LoraReference, { sha256, paths }: Sought): LibraryLora | undefined => {
      const own = byId.get(lora.libraryFileId ?? '')
      // Other bytes under the name of what was meant are not what was meant.
      if (own && (!sha256 || !own.sha256 || own.sha256 === sha256)) return own
      const same = sha256 ? byHash.get(sha256) : undefined
      if (same) return same
      if (lora.source === 'civitai' && !lora.fileId) return byVersion.get(lora.versionId ?? null)
      if (sha256) return undefined
      return paths.map((path) => byPath.get(path)).find((file) => file !== undefined)
    }
  }

  private async progress(sought: readonly Sought[], actor: Actor) {
    const asked = [...new Set(sought.flatMap(({ sha256, paths }) => (sha256 ? [sha256] : paths)))]
    const transfers = await this.parts.transfers.find(actor, asked.slice(0, mostAsked))
    return ({ sha256, paths }: Sought): number | undefined => {
      const names = sha256 ? [sha256] : paths
      const transfer = names.map((name) => transfers.get(name)).find((each) => each !== undefined)
      return transfer && moving.has(transfer.status) ? shareOf(transfer) : undefined
    }
  }
}

type Found = {
  catalogued: ReadonlyMap<number, CataloguedLora>
  presets: ReadonlyMap<number, PresetLora>
  viewer: Viewer
}

/** What its file is known by: the hash, or else where it would lie. */
type Sought = { sha256: string | null; paths: string[] }

function soughtOf(lora: LoraReference, { catalogued, preset }: Pick<Known, 'catalogued' | 'preset'>): Sought {
  const sha256 = (lora.sha256 ?? catalogued?.sha256 ?? preset?.sha256)?.toLowerCase() ?? null
  if (lora.source === 'bundle' && preset) return { sha256, paths: [preset.path] }
  if (lora.source !== 'huggingface' || !lora.path || !lora.repo) return { sha256, paths: [] }
  const name = lora.path.slice(lora.path.lastIndexOf('/') + 1)
  const repoName = lora.repo.slice(lora.repo.indexOf('/') + 1)
  return { sha256, paths: [`loras/${repoName}/${name}`, `loras/${name}`] }
}

function shareOf({ bytesDone, bytesTotal }: TransferProgress): number {
  return bytesTotal ? Math.min(0.999, bytesDone / bytesTotal) : 0
}

export function toPreset(bundle: ShelvedBundle, file: BundleFile): PresetLora {
  const stem = file.filename.slice(file.filename.lastIndexOf('/') + 1).replace(/\.\w{1,12}$/, '')
  return {
    title: `${stem} (${bundle.name})`,
    path: pathOf(file),
    family: bundle.family ?? null,
    bytes: file.bytes ?? null,
    sha256: file.sha256 ?? null,
  }
}

export function referenceOf(row: CataloguedLora): LoraReference {
  if (row.source === 'civitai') {
    return { source: 'civitai', modelId: row.modelId, versionId: row.versionId }
  }
  return {
    source: 'huggingface',
    repo: row.modelId,
    revision: row.versionId,
    path: row.fileId,
    sha256: row.sha256,
  }
}
