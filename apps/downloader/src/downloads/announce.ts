import { downloadChanged } from '@easel/contracts'
import type { DownloadChanged } from '@easel/contracts'
import type { DownloaderTx } from '../downloader.store.ts'
import { toDownloadView } from './download-view.ts'
import type { DownloadRow } from './download-view.ts'

const ended = new Set(['completed', 'failed'])

/**
 * A transfer ended in this transaction: tells of the downloads for which it was the last one. Two that end at the
 * same time wait for each other, so that one of them is the last.
 */
export async function announceEnd(tx: DownloaderTx, transferId: string): Promise<void> {
  const rows = (await tx.downloads.lockOfTransfer(transferId)).filter(({ status }) => ended.has(status))
  await tx.outbox.addMany(
    downloadChanged,
    rows.map((row) => ({
      key: row.id,
      payload: { event: `download.${row.status}`, download: toDownloadView(row) },
    })),
  )
}

export async function announce(
  tx: DownloaderTx,
  id: string,
  event: DownloadChanged['event'],
): Promise<DownloadRow> {
  const row = (await tx.downloads.find(id))!
  await tx.outbox.add(downloadChanged, { event, download: toDownloadView(row) }, { key: id })
  return row
}
