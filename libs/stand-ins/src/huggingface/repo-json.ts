import { HubFault } from './hub-fault.ts'
import type { HfCommit, HfRepo } from '../world/huggingface-world.ts'

const pointerBytes = 134

/** An item of a list: no sizes, and file names only when asked for. */
export function listedRepo(
  repo: HfRepo,
  { full, expand }: { full: boolean; expand: readonly string[] },
): unknown {
  const commit = repo.commits[0]!
  const all = {
    _id: repo.objectId,
    id: repo.id,
    author: repo.author,
    gated: repo.gated,
    lastModified: commit.date,
    likes: repo.likes,
    trendingScore: repo.trendingScore,
    private: repo.private,
    sha: commit.sha,
    downloads: repo.downloads,
    tags: repo.tags,
    pipeline_tag: repo.pipelineTag,
    library_name: repo.library,
    createdAt: repo.createdAt,
    modelId: repo.id,
    cardData: repo.cardData,
    siblings: commit.files.map(({ path }) => ({ rfilename: path })),
  }
  if (expand.length > 0) return pick(all, ['_id', 'id', ...expand])
  const { cardData: _card, siblings, sha, ...plain } = all
  return full ? { ...plain, sha, siblings } : plain
}

export function infoOf(repo: HfRepo, commit: HfCommit, query: URLSearchParams): unknown {
  const blobs = query.get('blobs') === 'true'
  const expand = [...query.getAll('expand'), ...query.getAll('expand[]')]
  if (blobs && expand.length > 0) throw new HubFault(400, { message: 'expand and blobs exclude each other' })
  const all = {
    _id: repo.objectId,
    id: repo.id,
    modelId: repo.id,
    author: repo.author,
    sha: commit.sha,
    lastModified: commit.date,
    private: repo.private,
    disabled: false,
    gated: repo.gated,
    pipeline_tag: repo.pipelineTag,
    tags: repo.tags,
    downloads: repo.downloads,
    library_name: repo.library,
    likes: repo.likes,
    cardData: repo.cardData,
    createdAt: repo.createdAt,
    usedStorage: commit.files.reduce((sum, { bytes }) => sum + bytes.length, 0),
    siblings: commit.files.map((file) => ({
      rfilename: file.path,
      ...(blobs && { blobId: file.oid, size: file.bytes.length }),
      ...(blobs &&
        file.lfs && { lfs: { sha256: file.sha256, size: file.bytes.length, pointerSize: pointerBytes } }),
    })),
  }
  return expand.length > 0 ? pick(all, ['_id', 'id', ...expand]) : all
}

function pick(all: Record<string, unknown>, keys: readonly string[]): Record<string, unknown> {
  for (const key of keys)
    if (!Object.hasOwn(all, key)) throw new HubFault(400, { message: `No such field: ${key}` })
  return Object.fromEntries(keys.map((key) => [key, all[key]]))
}
