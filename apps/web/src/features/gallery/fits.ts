import type { AssetView, GetAssetsQuery } from '@easel/client'

/** Whether a list with this query holds the asset: as the server would say, for what comes while one looks. */
export function fits(asset: AssetView, query: GetAssetsQuery): boolean {
  const { q, kind, origin, spaceId, sessionId, jobId, createdBy, model, lora, tag } = query
  const equal: [unknown, unknown][] = [
    [kind, asset.kind],
    [origin, asset.origin],
    [spaceId, asset.spaceId],
    [sessionId, asset.sessionId],
    [jobId, asset.jobId],
    [createdBy, asset.createdBy],
  ]
  return (
    equal.every(([wanted, is]) => wanted === undefined || wanted === is) &&
    (model === undefined || asset.models.includes(model)) &&
    (lora === undefined || asset.loras.includes(lora)) &&
    (tag === undefined || asset.tags.includes(tag.trim().toLowerCase())) &&
    asset.rating >= (query.rating ?? 0) &&
    (query.favorite === undefined || asset.favorite === query.favorite) &&
    (query.since === undefined || Date.parse(asset.createdAt) >= Date.parse(query.since)) &&
    (query.until === undefined || Date.parse(asset.createdAt) < Date.parse(query.until)) &&
    hasWords(asset, q ?? '')
  )
}

function hasWords({ prompt, notes, filename, tags }: AssetView, q: string): boolean {
  const text = [prompt, notes, filename, ...tags].join('\n').toLowerCase()
  return q
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .every((word) => text.includes(word))
}
