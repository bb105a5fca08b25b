import type {
  BundleById,
  BundleFile,
  BundlePage,
  BundleStatus,
  BundleView,
  ListBundles,
  PutBundle,
} from '@easel/contracts'
import { AppError, notFound } from '@easel/protocol'
import type { Actor } from '@easel/protocol'
import type { FileFacts } from '../needs/file-facts.ts'
import type { NeedsRepository } from '../needs/needs.repository.ts'
import { bytesOf, chosen, hasVariant, partsOf } from './bundle-choice.ts'
import type { BundleShelf, ShelvedBundle } from './bundle-shelf.ts'
import { bundleStatus, pathOf } from './bundle-status.ts'
import type { BundlesRepository } from './bundles.repository.ts'
import { bundleFaults } from './bundle-faults.ts'
import type { TransfersUnderWay } from './transfers-under-way.ts'

export type BundlesParts = {
  rows: BundlesRepository
  shelf: BundleShelf
  held: NeedsRepository
  facts: FileFacts
  transfers: TransfersUnderWay
}

const mostBundles = 2_000

export class BundlesService {
  constructor(private readonly parts: BundlesParts) {}

  async list({ q, family, cursor, limit = 50 }: ListBundles): Promise<BundlePage> {
    const words = q?.toLowerCase().split(/\s+/) ?? []
    const fits = (bundle: ShelvedBundle) => {
      const text =
        `${bundle.id} ${bundle.name} ${bundle.family ?? ''} ${bundle.description ?? ''}`.toLowerCase()
      return words.every((word) => text.includes(word)) && (family === undefined || bundle.family === family)
    }
    const after = cursor === undefined ? undefined : cursorOf(cursor)
    const all = [...(await this.parts.shelf.all()).values()]
      .filter(fits)
      .sort((a, b) => compare(keyOf(a), keyOf(b)))
    const rest = after === undefined ? all : all.filter((bundle) => compare(keyOf(bundle), after) > 0)
    const page = rest.slice(0, limit)
    const last = rest.length > limit ? page.at(-1) : undefined
    return {
      items: page.map((bundle) =>
        toBundleView(
          bundle,
          bundle.files.map((file) => this.parts.facts.remembered(file)),
        ),
      ),
      nextCursor: last ? Buffer.from(JSON.stringify(keyOf(last))).toString('base64url') : null,
    }
  }

  async get(id: string): Promise<ShelvedBundle> {
    const bundle = (await this.parts.shelf.all()).get(id)
    if (!bundle) throw notFound('bundle', 'BUNDLE_NOT_FOUND')
    return bundle
  }

  async view({ id }: BundleById): Promise<BundleView> {
    const bundle = await this.get(id)
    return toBundleView(bundle, await this.parts.facts.completed(bundle.files))
  }

  /** What is to be fetched: of each choice one, and nothing that is only of use; or the one file that `path` names, optional ones too. */
  async choose(
    id: string,
    { variant, path }: { variant?: string | undefined; path?: string | undefined } = {},
  ): Promise<{ bundle: ShelvedBundle; files: BundleFile[] }> {
    const bundle = await this.get(id)
    if (path !== undefined) {
      const files = bundle.files.filter((file) => pathOf(file) === path)
      if (files.length > 0) return { bundle, files }
      throw new AppError('not_found', `The bundle ${id} has no file ${path}`, { reason: 'BUNDLE_NOT_FOUND' })
    }
    if (variant !== undefined && !hasVariant(bundle.files, variant)) {
      throw new AppError('not_found', `The bundle ${id} has nothing in ${variant}`, {
        reason: 'BUNDLE_NOT_FOUND',
      })
    }
    const parts = partsOf(bundle.files).filter(({ optional }) => !optional)
    return { bundle, files: parts.map((part) => chosen(part, variant)) }
  }

  async status(actor: Actor, { id, variant }: BundleById): Promise<BundleStatus> {
    const bundle = await this.get(id)
    const files = await this.parts.facts.completed(bundle.files)
    const paths = files.map(pathOf)
    const [byHash, byPath, transfers] = await Promise.all([
      this.parts.held.listByHash(files.flatMap(({ sha256 }) => sha256 ?? [])),
      this.parts.held.listByPath(paths),
      this.parts.transfers.find(actor, paths),
    ])
    const seen = {
      byHash: new Map(byHash.map((file) => [file.sha256!, file])),
      byPath: new Map(byPath.map((file) => [file.path, file])),
      transfers,
    }
    return bundleStatus({ id, files }, seen, variant)
  }

  async put(actor: Actor, input: PutBundle): Promise<BundleView> {
    requireAdmin(actor)
    const faults = bundleFaults(input)
    if (faults.length > 0) throw new AppError('invalid', faults[0]!.message, { faults })
    const stored = await this.parts.rows.put(input, { userId: actor.userId, most: mostBundles })
    if (!stored) throw new AppError('exhausted', `There are ${mostBundles} bundles already`)
    return toBundleView(await this.get(input.id))
  }

  async delete(actor: Actor, { id }: BundleById): Promise<void> {
    requireAdmin(actor)
    if (await this.parts.rows.delete(id)) return
    if (!(await this.get(id)).builtin) throw notFound('bundle', 'BUNDLE_NOT_FOUND')
    throw new AppError('conflict', 'This bundle came with Easel: put another in its place instead')
  }
}

export function requireAdmin({ role }: Actor): void {
  if (role !== 'admin') throw new AppError('forbidden', 'Bundles are an admin’s to change')
}

export function toBundleView(bundle: ShelvedBundle, files: BundleFile[] = bundle.files): BundleView {
  return { ...bundle, files, bytes: bytesOf(files) }
}

/** By name, in any case; the id keeps equal names apart. */
const keyOf = ({ name, id }: ShelvedBundle): [string, string] => [name.toLowerCase(), id]

function compare([a, x]: readonly [string, string], [b, y]: readonly [string, string]): number {
  if (a !== b) return a < b ? -1 : 1
  return x < y ? -1 : x > y ? 1 : 0
}

function cursorOf(cursor: string): [string, string] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (Array.isArray(key) && key.length === 2 && key.every((part) => typeof part === 'string')) {
      return key as [string, string]
    }
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
  }
  throw new AppError('invalid', 'This cursor is of another list', {
    faults: [{ path: 'cursor', message: 'must be the nextCursor of the page before' }],
  })
}
