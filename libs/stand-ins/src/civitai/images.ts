import type { Call } from '../http/answer.ts'
import type { CivitaiWorld } from '../world/civitai-world.ts'
import { QueryFault } from './list-query.ts'

const words = { 1: 'None', 2: 'Soft', 4: 'Mature', 8: 'X', 16: 'X' } as Readonly<Record<number, string>>

/** `/images`: generation data only with `withMeta=true`, and then inside `{id, meta}` unless `flatMeta=true`. */
export function imagesOf(world: CivitaiWorld, { query, url }: Call): unknown {
  const limit = Number(query.get('limit') ?? 50)
  if (!Number.isInteger(limit) || limit < 0 || limit > 200) {
    throw new QueryFault(400, { error: { name: 'ZodError', message: '[{"path":["limit"]}]' } })
  }
  const modelId = numberIn(query, 'modelId')
  const versionId = numberIn(query, 'modelVersionId')
  const levels = numberIn(query, 'browsingLevel') ?? (query.get('nsfw') === 'true' ? 31 : 1)
  const start = Number(query.get('cursor')?.split('|')[0] ?? 0)
  const all = world.models
    .filter(({ id }) => modelId === undefined || id === modelId)
    .flatMap((model) => model.modelVersions.map((version) => ({ model, version })))
    .filter(({ version }) => versionId === undefined || version.id === versionId)
    .flatMap(({ model, version }) => version.images.map((image) => ({ model, version, image })))
    .filter(({ image }) => (image.nsfwLevel & levels) !== 0)
  const withMeta = query.get('withMeta') === 'true'
  const nested = query.get('flatMeta') !== 'true' && modelId !== undefined
  const items = all.slice(start, start + limit).map(({ model, version, image }) => ({
    id: image.id,
    url: image.url,
    hash: image.hash,
    width: image.width,
    height: image.height,
    type: image.type,
    nsfw: image.nsfwLevel > 1,
    nsfwLevel: words[image.nsfwLevel] ?? 'None',
    browsingLevel: image.nsfwLevel,
    createdAt: version.publishedAt,
    postId: version.id,
    username: model.creator.username,
    baseModel: version.baseModel,
    modelVersionIds: [version.id],
    stats: { cryCount: 0, laughCount: 0, likeCount: 3, dislikeCount: 0, heartCount: 1, commentCount: 0 },
    meta: !withMeta ? null : nested ? { id: image.id, meta: image.meta } : image.meta,
  }))
  const end = start + limit
  if (end >= all.length) return { items, metadata: {} }
  const next = new URL(url)
  next.searchParams.set('cursor', `${end}|1`)
  return { items, metadata: { nextCursor: `${end}|1`, nextPage: next.href } }
}

function numberIn(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  return text === null ? undefined : Number(text)
}
