import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import { downloadChanged } from '@easel/contracts'
import type { CreateDownload, DownloadChanged, ListDownloads } from '@easel/contracts'
import type { Sealer } from '@easel/config'
import { addressPolicy, parseOutgoingUrl } from '@easel/http'
import { AppError, canRead, newId, notFound, requireWrite } from '@easel/protocol'
import type { Actor } from '@easel/protocol'
import { Inject, Injectable } from '@nestjs/common'
import { DownloaderStore } from '../downloader.store.ts'
import type { DownloaderTx } from '../downloader.store.ts'
import { TransferEngine } from '../transfers/transfer-engine.ts'
import { sealedTokenOf, sealedUrlOf } from '../transfers/transfer-run.ts'
import type { NewTransfer } from '../transfers/transfers.repository.ts'
import { decodeCursor, encodeCursor } from './download-cursor.ts'
import { toDownloadView } from './download-view.ts'
import type { DownloadRow } from './download-view.ts'
import { requireFileName } from './file-name.ts'
import { shownUrl } from './shown-url.ts'

export const RULES = Symbol('rules')

/** What a request must meet before anything is written down. */
export type DownloadRules = {
  sealer: Sealer
  allowPrivate: boolean | readonly string[]
  /** Throws NO_MODELS_DIRECTORY or DISK_FULL. */
  requireSpace: () => Promise<void>
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const finished = new Set(['completed', 'failed', 'canceled'])
const attempts = 5

@Injectable()
export class DownloadsService {
  constructor(
    private readonly store: DownloaderStore,
    private readonly engine: TransferEngine,
    @Inject(RULES) private readonly rules: DownloadRules,
  ) {}

  async create(actor: Actor, input: CreateDownload): Promise<DownloadRow> {
    const spaceId = input.spaceId ?? actor.personalSpaceId
    requireWrite(actor, spaceId)
    const transfer = this.transferOf(input)
    await this.rules.requireSpace()
    const { priority = 0 } = input
    const download = { id: newId(), spaceId, createdBy: actor.userId, url: transfer.url, priority }
    const row = await this.store.transact(async (tx) => {
      const transferId = await join(tx, transfer)
      await tx.downloads.insert({ ...download, transferId })
      await tx.transfers.setPriority(transferId)
      return await tell(tx, download.id, 'download.queued')
    })
    this.engine.tellAll()
    return row
  }

  async list(actor: Actor, { limit = 50, cursor, status, spaceId }: ListDownloads) {
    if (spaceId !== undefined && !canRead(actor, spaceId)) throw notFound('space', 'SPACE_NOT_FOUND')
    const own = actor.role === 'admin' ? null : Object.keys(actor.spaces)
    const rows = await this.store.downloads.list({
      spaces: spaceId === undefined ? own : [spaceId],
      statuses: status ?? null,
      after: cursor === undefined ? undefined : decodeCursor(cursor),
      limit: limit + 1,
    })
    const page = rows.slice(0, limit)
    const last = rows.length > limit ? page.at(-1) : undefined
    const nextCursor = last ? encodeCursor({ createdAt: last.createdAt.toISOString(), id: last.id }) : null
    return { page, nextCursor }
  }

  async get(actor: Actor, id: string): Promise<DownloadRow> {
    const row = uuid.test(id) ? await this.store.downloads.find(id) : undefined
    if (!row || !canRead(actor, row.spaceId)) throw notFound('download', 'DOWNLOAD_NOT_FOUND')
    return row
  }

  pause(actor: Actor, id: string): Promise<DownloadRow> {
    return this.change(actor, id, async (tx, row) => {
      requireUnfinished(row)
      if (row.status === 'paused') return row
      await tx.downloads.wish(id, 'paused')
      if ((await tx.downloads.countWishes(row.transferId)).wanted === 0) {
        await tx.transfers.end(row.transferId, 'paused')
      }
      return await tell(tx, id, 'download.paused')
    })
  }

  resume(actor: Actor, id: string): Promise<DownloadRow> {
    return this.change(actor, id, async (tx, row) => {
      requireUnfinished(row)
      if (row.status !== 'paused') return row
      await tx.downloads.wish(id, 'wanted')
      if (row.transferStatus === 'paused') await tx.transfers.requeue(row.transferId)
      await tx.transfers.setPriority(row.transferId)
      return await tell(tx, id, 'download.resumed')
    })
  }

  retry(actor: Actor, id: string): Promise<DownloadRow> {
    return this.change(actor, id, async (tx, row) => {
      if (row.status !== 'failed') {
        throw new AppError('conflict', 'Only a failed download can be tried again', {
          reason: 'DOWNLOAD_NOT_FAILED',
        })
      }
      await tx.downloads.wish(id, 'wanted')
      const { key } = (await tx.transfers.lock(row.transferId))!
      const other = await tx.transfers.lockActive(key, null)
      if (other) await tx.downloads.move(id, other.id)
      else await tx.transfers.requeue(row.transferId)
      return await tell(tx, id, 'download.queued')
    })
  }

  /** Done twice it does nothing more; a completed download stays what it is, and its file where it is. */
  async cancel(actor: Actor, id: string): Promise<void> {
    let abandoned: string | undefined
    await this.change(actor, id, async (tx, row) => {
      if (row.status === 'completed' || row.status === 'canceled') return row
      await tx.downloads.wish(id, 'canceled')
      const { wanted, paused } = await tx.downloads.countWishes(row.transferId)
      if (wanted === 0 && paused === 0) {
        await tx.transfers.end(row.transferId, 'canceled')
        abandoned = row.transferId
      } else if (wanted === 0 && !finished.has(row.transferStatus)) {
        await tx.transfers.end(row.transferId, 'paused')
      }
      return await tell(tx, id, 'download.canceled')
    })
    if (abandoned) await this.engine.removePartial(abandoned)
  }

  /** Runs with the transfer locked, so that the status it sees is the one it changes. */
  private async change(
    actor: Actor,
    id: string,
    work: (tx: DownloaderTx, row: DownloadRow) => Promise<DownloadRow>,
  ): Promise<DownloadRow> {
    const { spaceId, transferId } = await this.get(actor, id)
    requireWrite(actor, spaceId)
    const row = await this.store.transact(async (tx) => {
      await tx.transfers.lock(transferId)
      const now = await tx.downloads.find(id)
      if (!now) throw notFound('download', 'DOWNLOAD_NOT_FOUND')
      return await work(tx, now)
    })
    this.engine.tellAll()
    return row
  }

  private transferOf({ url, folder, filename, sha256, token, priority = 0 }: CreateDownload): NewTransfer {
    if (url === undefined || folder === undefined) {
      const faults = [{ path: url === undefined ? 'url' : 'folder', message: 'is needed' }]
      throw new AppError('invalid', 'A download needs an address and a folder', { faults })
    }
    const { href, hostname } = parseOutgoingUrl(url)
    const address = hostname.replace(/^\[(.*)\]$/, '$1')
    if (isIP(address) !== 0 && !addressPolicy(this.rules.allowPrivate)(address)) {
      throw new AppError('invalid', 'This URL leads where it is not allowed to', { reason: 'URL_FORBIDDEN' })
    }
    const id = newId()
    const name = filename === undefined ? null : requireFileName(filename, folder)
    const expectedSha256 = sha256?.toLowerCase() ?? null
    const urlKey = digest(['url', href, folder, name ?? ''])
    return {
      id,
      key: expectedSha256 === null ? urlKey : digest(['sha256', expectedSha256, folder]),
      urlKey,
      url: shownUrl(href),
      sealedUrl: this.rules.sealer.seal(href, sealedUrlOf(id)),
      sealedToken: token === undefined ? null : this.rules.sealer.seal(token, sealedTokenOf(id)),
      folder,
      filename: name,
      expectedSha256,
      priority,
    }
  }
}

/** Gives the transfer under way that brings the same, or begins this one. */
async function join(tx: DownloaderTx, transfer: NewTransfer): Promise<string> {
  const byUrl = transfer.expectedSha256 === null ? transfer.urlKey : null
  for (let attempt = 0; attempt < attempts; attempt++) {
    const active = await tx.transfers.lockActive(transfer.key, byUrl)
    if (active?.status === 'paused') await tx.transfers.requeue(active.id)
    if (active) return active.id
    if (await tx.transfers.insert(transfer)) return transfer.id
  }
  throw new AppError('unavailable', 'Too many requests for this file at once', { retryAfterMs: 1_000 })
}

async function tell(tx: DownloaderTx, id: string, event: DownloadChanged['event']): Promise<DownloadRow> {
  const row = (await tx.downloads.find(id))!
  await tx.outbox.add(downloadChanged, { event, download: toDownloadView(row) }, { key: id })
  return row
}

function requireUnfinished({ status }: DownloadRow): void {
  if (!finished.has(status)) return
  throw new AppError('conflict', `This download is ${status}`, { reason: 'DOWNLOAD_FINISHED' })
}

const digest = (parts: readonly string[]) => createHash('sha256').update(JSON.stringify(parts)).digest('hex')
