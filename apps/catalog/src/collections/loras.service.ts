import type { ListLoras, LoraFacts, LoraPage, LoraReference, LoraUser, LoraView } from '@easel/contracts'
import { AppError } from '@easel/protocol'
import type { Actor } from '@easel/protocol'
import type { BundleShelf } from '../bundles/bundle-shelf.ts'
import { pathOf } from '../bundles/bundle-status.ts'
import { familyById } from '../families/families.ts'
import { rankOfLevel } from '../models/nsfw.ts'
import type { SearchRepository } from '../models/search.repository.ts'
import { askedWords } from '../models/search-words.ts'
import { storable } from '../scan/storable.ts'
import type { KnownLorasRepository } from './known-loras.repository.ts'
import type { KnownLoras, Viewer } from './known-loras.service.ts'
import { toPreset } from './known-loras.service.ts'
import { decodeLoraCursor, encodeLoraCursor, shelves, unknownCursor } from './lora-cursor.ts'
import type { LoraCursor, Shelf } from './lora-cursor.ts'
import type { LorasRepository } from './loras.repository.ts'

export type LorasParts = {
  rows: LorasRepository
  models: KnownLorasRepository
  known: KnownLoras
  shelf: BundleShelf
  search: Pick<SearchRepository, 'page'>
}

type Wish = {
  input: ListLoras
  words: readonly string[]
  /** Whose LoRAs fit; undefined: all. */
  families: readonly string[] | undefined
  viewer: Viewer
  presets: readonly Preset[]
}
type Preset = { lora: LoraReference; key: readonly [string, string]; sha256: string | null; path: string }
type Found = { items: Listed[]; next: readonly [string, string] | undefined }
type Listed = { facts: LoraFacts; origin: LoraView['origin'] }
type Place = { after: readonly [string, string] | undefined; limit: number }

const loraTypes = ['lora', 'locon', 'dora'] as const

/** Which LoRAs there are: here, in bundles, and in what is known of the sources; nobody else is asked. */
export class LorasService {
  private readonly parts: LorasParts

  constructor(parts: LorasParts) {
    this.parts = parts
  }

  async list(input: ListLoras, actor: Actor): Promise<LoraPage> {
    const { cursor, limit = 50 } = input
    const user = input.for === undefined ? undefined : await this.userOf(storable(input.for))
    const wish: Wish = {
      input,
      words: storable(input.q ?? '')
        .toLowerCase()
        .split(/\s+/)
        .filter(Boolean),
      families: user && user.loraFamilies.length > 0 ? user.loraFamilies : undefined,
      viewer: { actor, nsfwRank: rankOfLevel(input.maxNsfw) },
      presets: await this.presets(),
    }
    const from = cursor === undefined ? undefined : decodeLoraCursor(cursor)
    const { items, next } = await this.page(wish, from, limit)
    return {
      items: await this.favored(items, actor),
      nextCursor: next ? encodeLoraCursor(next) : null,
      for: user ?? null,
    }
  }

  /** From shelf to shelf until the page is full. */
  private async page(wish: Wish, from: LoraCursor | undefined, limit: number) {
    const items: Listed[] = []
    const wanted = shelves.filter((shelf) => isWanted(shelf, wish.input))
    let start = from ? wanted.indexOf(from.shelf) : 0
    if (start < 0) throw unknownCursor()
    let after = from?.after
    for (; start < wanted.length; start++, after = undefined) {
      const shelf = wanted[start]!
      if (items.length === limit) return { items, next: { shelf, after: undefined } }
      const found = await this.read(shelf, wish, { after, limit: limit - items.length })
      items.push(...found.items)
      if (found.next) return { items, next: { shelf, after: found.next } }
    }
    return { items, next: undefined }
  }

  private read(shelf: Shelf, wish: Wish, place: Place): Promise<Found> {
    switch (shelf) {
      case 'library':
        return this.ofLibrary(wish, place)
      case 'presets':
        return this.ofBundles(wish, place)
      case 'favorites':
        return this.ofCatalogue(wish, place, true)
      case 'catalogue':
        return this.ofCatalogue(wish, place, false)
    }
  }

  private async ofLibrary(
    { input, words, families, viewer, presets }: Wish,
    { after, limit }: Place,
  ): Promise<Found> {
    const { origin } = input
    const [downloaded, local] = [origin?.includes('downloaded') ?? true, origin?.includes('local') ?? true]
    const rows = await this.parts.rows.listLibrary({
      words,
      families,
      placed: downloaded === local ? undefined : downloaded,
      except: {
        hashes: presets.flatMap(({ sha256 }) => sha256 ?? []),
        paths: presets.map(({ path }) => path),
      },
      after,
      limit: limit + 1,
    })
    const page = rows.slice(0, limit)
    const facts = await this.parts.known.describe(
      page.map(({ id, sha256, path }) => ({ source: 'library', libraryFileId: id, sha256, path })),
      viewer,
    )
    const last = rows.length > limit ? page.at(-1) : undefined
    return {
      items: page.map((row, index) => ({
        facts: facts[index]!,
        origin: row.placed ? 'downloaded' : 'local',
      })),
      next: last && [last.name, last.id],
    }
  }

  private async ofBundles(
    { input, words, families, viewer, presets }: Wish,
    { after, limit }: Place,
  ): Promise<Found> {
    const facts = await this.parts.known.describe(
      presets.map(({ lora }) => lora),
      viewer,
    )
    const fitting = presets
      .map((preset, index) => ({ preset, facts: facts[index]! }))
      .filter(({ preset, facts: { title, triggerWords, family, state } }) => {
        const text = `${preset.path} ${title} ${triggerWords.join(' ')}`.toLowerCase()
        return (
          words.every((word) => text.includes(word)) &&
          (families === undefined || (typeof family === 'string' && families.includes(family))) &&
          (input.installed === undefined || input.installed === (state === 'installed')) &&
          (after === undefined || compare(preset.key, after) > 0)
        )
      })
    const page = fitting.slice(0, limit)
    const last = fitting.length > limit ? page.at(-1) : undefined
    return { items: page.map((each) => ({ facts: each.facts, origin: 'preset' })), next: last?.preset.key }
  }

  /** What the sources were heard to have and is not here: favourites first, then the most fetched. */
  private async ofCatalogue(
    { input, families, viewer }: Wish,
    { after, limit }: Place,
    favorite: boolean,
  ): Promise<Found> {
    const words = input.q === undefined ? undefined : askedWords(storable(input.q))
    // A question of signs alone finds nothing rather than everything.
    if (input.q !== undefined && !words) return { items: [], next: undefined }
    const rows = await this.parts.search.page({
      filter: {
        words,
        sources: ['civitai', 'huggingface'],
        types: loraTypes,
        bases: families,
        favoriteOf: { userId: viewer.actor.userId, favorite },
        installed: false,
        nsfwRank: viewer.nsfwRank,
      },
      order: 'downloads',
      after,
      limit: limit + 1,
    })
    const page = rows.slice(0, limit)
    const models = await this.parts.models.listModels(
      page.map(({ key }) => key),
      families ?? [],
    )
    const facts = await this.parts.known.describeModels(models, viewer)
    const last = rows.length > limit ? page.at(-1) : undefined
    return {
      items: facts
        .filter(({ state }) => state !== 'installed')
        .map((each) => ({ facts: each, origin: 'catalogue' })),
      next: last && [last.value, last.key],
    }
  }

  /** The LoRAs of bundles; one that several have is listed once. */
  private async presets(): Promise<Preset[]> {
    const bundles = [...(await this.parts.shelf.all()).values()]
    const all = bundles.flatMap((bundle) =>
      bundle.files
        .filter(({ folder }) => folder === 'loras')
        .map((file): Preset => {
          const path = pathOf(file)
          const lora = { source: 'bundle' as const, bundleId: bundle.id, path }
          return {
            lora,
            path,
            sha256: file.sha256 ?? null,
            key: [toPreset(bundle, file).title.toLowerCase(), `${bundle.id} ${path}`],
          }
        }),
    )
    const once = new Map(all.toReversed().map((preset) => [preset.sha256 ?? preset.path, preset]))
    return [...once.values()].sort((a, b) => compare(a.key, b.key))
  }

  private async userOf(text: string): Promise<LoraUser> {
    const family = familyById(text.toLowerCase())
    if (family) return { name: family.name, family: family.id, loraFamilies: [...family.loraFamilies] }
    const file = await this.parts.rows.findCheckpoint(text)
    if (!file) {
      throw new AppError('invalid', `There is neither a family nor a checkpoint ${text}`, {
        reason: 'FAMILY_UNKNOWN',
        faults: [{ path: 'for', message: 'must be the id of a family, or a checkpoint of the library' }],
      })
    }
    const loraFamilies = file.family ? (familyById(file.family)?.loraFamilies ?? [file.family]) : []
    return { name: file.name, family: file.family, loraFamilies: [...loraFamilies] }
  }

  private async favored(items: readonly Listed[], { userId }: Actor): Promise<LoraView[]> {
    const models = items.flatMap(({ facts: { modelSource, modelId } }) =>
      modelSource && modelId ? [{ source: modelSource, id: modelId }] : [],
    )
    const rows = models.length > 0 ? await this.parts.rows.listFavorites(userId, models) : []
    const favorites = new Set(rows.map(({ source, id }) => `${source} ${id}`))
    return items.map(({ facts, origin }) => ({
      ...facts,
      origin,
      favorite: favorites.has(`${facts.modelSource} ${facts.modelId}`),
    }))
  }
}

function isWanted(shelf: Shelf, { origin, installed }: ListLoras): boolean {
  const has = (...names: LoraView['origin'][]) =>
    origin === undefined || names.some((name) => origin.includes(name))
  if (shelf === 'library') return has('local', 'downloaded') && installed !== false
  if (shelf === 'presets') return has('preset')
  return has('catalogue') && installed !== true
}

function compare([a, x]: readonly [string, string], [b, y]: readonly [string, string]): number {
  if (a !== b) return a < b ? -1 : 1
  return x < y ? -1 : x > y ? 1 : 0
}
