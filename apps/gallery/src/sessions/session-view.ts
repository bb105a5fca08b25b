import { parseJson } from '@easel/protocol'
import type { SessionKind, SessionView } from '@easel/contracts'
import { thumbnailUrl } from '../assets/asset-view.ts'
import type { SessionRow, SessionSummary } from './sessions.repository.ts'

export function toSessionView(row: SessionRow, summary: SessionSummary | undefined): SessionView {
  const { id, title, revision, spaceId, createdBy, createdAt, updatedAt, draft } = row
  return {
    id,
    kind: row.kind as SessionKind,
    title,
    draft: draft === null ? null : (parseJson(draft) as Record<string, unknown>),
    revision,
    assetCount: summary?.assetCount ?? 0,
    thumbnailUrl: summary?.newestAsset ? thumbnailUrl(summary.newestAsset) : null,
    spaceId,
    createdBy,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  }
}
