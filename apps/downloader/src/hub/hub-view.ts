import { hubFileChanged } from '@easel/contracts'
import type { HubFileView } from '@easel/contracts'
import type { DownloaderTx } from '../downloader.store.ts'
import type { ContentRow } from './hub.repository.ts'

export function toHubFileView(row: ContentRow): HubFileView {
  const { sha256, paths, state, pinned, usedAt, verifiedAt, createdAt } = row
  return {
    sha256,
    bytes: Number(row.bytes),
    paths,
    state,
    pinned,
    usedAt: usedAt.toISOString(),
    verifiedAt: verifiedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  }
}

export async function tellContent(tx: DownloaderTx, sha256: string, event: string): Promise<void> {
  const row = await tx.hub.find(sha256)
  if (row) await tx.outbox.add(hubFileChanged, { event, file: toHubFileView(row) }, { key: sha256 })
}
