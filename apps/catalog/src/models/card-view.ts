import type { ExampleView, Gate, Installed, ModelCard, ModelSourceId, ModelType } from '@easel/contracts'
import type { CardRow, InstalledRow } from './cards.repository.ts'
import { highestRank, levelOfRank } from './nsfw.ts'

export type ShownFor = { readonly installed: readonly InstalledRow[]; readonly nsfwRank: number }

export function toModelCard(row: CardRow, { installed, nsfwRank }: ShownFor): ModelCard {
  const cover = row.covers.find(({ rank }) => rank <= nsfwRank)
  return {
    source: row.source as ModelSourceId,
    id: row.id,
    name: row.name,
    type: row.type as ModelType,
    family: row.family,
    baseModel: row.baseModel,
    creator: row.creator,
    tags: row.tags,
    nsfw: levelOfRank(row.nsfwRank),
    image: cover ? toExample(cover) : row.pictured ? previewOf(row) : null,
    downloads: row.downloads,
    likes: row.likes,
    bytes: row.bytes,
    gate: row.gate as Gate,
    commercialUse: row.commercialUse,
    installed: row.source === 'local' ? { state: 'installed', fileIds: [row.id] } : toInstalled(installed),
    updateAvailable: row.updateAvailable,
    favorite: row.favorite,
    publishedAt: timeOf(row.publishedAt),
    updatedAt: timeOf(row.updatedAt),
  }
}

/** The gateway gives it out. Nobody told its level, so it is taken for that of its model. */
function previewOf({ id, nsfwRank }: CardRow): ExampleView {
  return { kind: 'image', url: `/api/library/files/${id}/preview`, nsfw: levelOfRank(nsfwRank) }
}

/** Of a model, or of one of its versions. */
export function toInstalled(rows: readonly InstalledRow[]): Installed {
  const fileIds = [...new Set(rows.map(({ fileId }) => fileId))]
  if (rows.length === 0) return { state: 'none', fileIds }
  const byVersion = Map.groupBy(rows, ({ versionKey }) => versionKey)
  const whole = [...byVersion.values()].some(
    (files) =>
      files.some(({ isPrimary }) => isPrimary) ||
      new Set(files.map(({ id }) => id)).size >= Math.max(1, files[0]!.weights),
  )
  return { state: whole ? 'installed' : 'partial', fileIds }
}

export type ShownImage = {
  kind: string
  url: string
  width: number | null
  height: number | null
  blurhash: string | null
  nsfw_level: number
  meta?: unknown
  raw_meta?: unknown
}

const longestValue = 20_000

export function toExample(image: ShownImage): ExampleView {
  const meta = objectOf(image.meta)
  const rest = Object.entries({ ...objectOf(image.raw_meta), ...meta }).filter(
    ([name, value]) =>
      !['prompt', 'negative', 'negativePrompt'].includes(name) &&
      value !== null &&
      !(typeof value === 'string' && value.length > longestValue),
  )
  return {
    kind: image.kind === 'video' ? 'video' : 'image',
    url: image.url,
    width: image.width,
    height: image.height,
    blurhash: image.blurhash,
    nsfw: levelOfRank(highestRank(image.nsfw_level)),
    prompt: textOf(meta['prompt']),
    negative: textOf(meta['negative']),
    meta: rest.length > 0 ? Object.fromEntries(rest) : null,
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : null)

/** The epoch stands for a time that nobody told. */
function timeOf(time: Date): string | null {
  return time.getTime() === 0 ? null : time.toISOString()
}
