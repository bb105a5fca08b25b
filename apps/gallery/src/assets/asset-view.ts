import type { AssetOrigin, AssetView, OutputKind, ThumbnailState } from '@easel/contracts'
import type { AssetRow } from './asset-row.ts'

export function toAssetView(row: AssetRow): AssetView {
  const { seq: _seq, blob, spaceId, createdBy, createdAt, updatedAt, ...rest } = row
  return {
    ...rest,
    kind: row.kind as OutputKind,
    origin: row.origin as AssetOrigin,
    thumbnail: row.thumbnail as ThumbnailState,
    bytes: Number(row.bytes),
    hash: blob,
    url: `/api/assets/${row.id}/content`,
    thumbnailUrl: hasPicture(row.thumbnail) ? thumbnailUrl(row.id) : null,
    spaceId,
    createdBy,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  }
}

export const thumbnailUrl = (id: string) => `/api/assets/${id}/thumbnail`

const hasPicture = (state: string) => state === 'pending' || state === 'ready'
