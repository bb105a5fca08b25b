import type { BundleFile, PutBundle } from '@easel/contracts'
import { builtinBundles, builtinBundlesAt } from './builtin-bundles.ts'
import type { BundlesRepository } from './bundles.repository.ts'

export type ShelvedBundle = PutBundle & { builtin: boolean; updatedAt: string }
export type BundledFile = { bundle: ShelvedBundle; file: BundleFile }

type Shelf = {
  stamp: string
  bundles: ReadonlyMap<string, ShelvedBundle>
  byName: ReadonlyMap<string, readonly BundledFile[]>
  byHash: ReadonlyMap<string, readonly BundledFile[]>
}

/** All bundles in memory: one short question tells whether somebody changed one. */
export class BundleShelf {
  private shelf: Shelf | undefined

  constructor(private readonly rows: BundlesRepository) {}

  async all(): Promise<ReadonlyMap<string, ShelvedBundle>> {
    return (await this.current()).bundles
  }

  /** Whose file has this name, without its folders and in any case. */
  async byName(name: string): Promise<readonly BundledFile[]> {
    return (await this.current()).byName.get(baseName(name)) ?? []
  }

  async byHash(sha256: string): Promise<readonly BundledFile[]> {
    return (await this.current()).byHash.get(sha256) ?? []
  }

  private async current(): Promise<Shelf> {
    const stamp = await this.rows.stamp()
    if (this.shelf?.stamp === stamp) return this.shelf
    const bundles = new Map<string, ShelvedBundle>(
      builtinBundles.map((bundle) => [bundle.id, { ...bundle, builtin: true, updatedAt: builtinBundlesAt }]),
    )
    for (const { id, document, updatedAt } of await this.rows.list()) {
      bundles.set(id, {
        ...(document as PutBundle),
        id,
        builtin: bundles.has(id),
        updatedAt: updatedAt.toISOString(),
      })
    }
    const files = [...bundles.values()].flatMap((bundle) => bundle.files.map((file) => ({ bundle, file })))
    this.shelf = {
      stamp,
      bundles,
      byName: Map.groupBy(files, ({ file }) => baseName(file.filename)),
      byHash: Map.groupBy(files, ({ file }) => file.sha256 ?? ''),
    }
    return this.shelf
  }
}

const baseName = (name: string): string => name.slice(name.lastIndexOf('/') + 1).toLowerCase()
