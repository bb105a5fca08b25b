import type {
  AccessChanged,
  ActedOnDownloads,
  ActOnDownloads,
  FindTransfers,
  ListDownloads,
} from '@easel/contracts'
import { AppError, canRead, notFound, requireWrite } from '@easel/protocol'
import type { Actor } from '@easel/protocol'
import { Injectable } from '@nestjs/common'
import { DownloaderStore } from '../downloader.store.ts'
import type { DownloaderTx } from '../downloader.store.ts'
import { TransferEngine } from '../transfers/transfer-engine.ts'
import type { TransferAt } from '../transfers/transfers.repository.ts'
import { announce } from './announce.ts'
import { decodeCursor, encodeCursor } from './download-cursor.ts'
import type { DownloadRow } from './download-view.ts'

type Action = ActOnDownloads['action']
/** Undefined: nothing was to be done. */
type Change = (tx: DownloaderTx, row: DownloadRow) => Promise<DownloadRow | undefined>

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const finished = new Set(['completed', 'failed', 'canceled'])
const fitting: Readonly<Record<Action, readonly string[]>> = {
  pause: ['queued', 'running', 'verifying'],
  resume: ['paused'],
  retry: ['failed'],
  cancel: ['queued', 'running', 'verifying', 'paused'],
}
const changes: Readonly<Record<Action, Change>> = { pause, resume, retry, cancel }
const mostAtOnce = 5_000
const together = 4

@Injectable()
export class DownloadsService {
  constructor(
    private readonly store: DownloaderStore,
    private readonly engine: TransferEngine,
  ) {}

  async list(actor: Actor, { limit = 50, cursor, ...filter }: ListDownloads) {
    const { status, spaceId, source, q } = filter
    if (spaceId !== undefined && !canRead(actor, spaceId)) throw notFound('space', 'SPACE_NOT_FOUND')
    const own = actor.role === 'admin' ? null : Object.keys(actor.spaces)
    const rows = await this.store.downloads.list({
      spaces: spaceId === undefined ? own : [spaceId],
      statuses: status ?? null,
      source: source ?? null,
      text: q ?? null,
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

  findTransfers({ paths }: FindTransfers): Promise<TransferAt[]> {
    return this.store.transfers.listByPaths(paths)
  }

  /** Done twice it does nothing more; a completed download stays what it is, and its files where they are. */
  async change(actor: Actor, id: string, action: Action): Promise<DownloadRow> {
    const before = await this.get(actor, id)
    requireWrite(actor, before.spaceId)
    const row = await this.apply(id, changes[action])
    this.engine.tellAll()
    return row ?? (await this.get(actor, id))
  }

  async setPriority(actor: Actor, id: string, priority: number): Promise<DownloadRow> {
    requireWrite(actor, (await this.get(actor, id)).spaceId)
    await this.apply(id, async (tx) => {
      await tx.downloads.setPriority(id, priority)
      return undefined
    })
    this.engine.tellAll()
    return await this.get(actor, id)
  }

  /** Every named one has to be there; those that the action does not fit stay as they are. */
  async act(actor: Actor, { action, ids, spaceId }: ActOnDownloads): Promise<ActedOnDownloads> {
    const chosen = ids ? await this.writable(actor, ids) : await this.allOf(actor, action, spaceId)
    const outcome: ActedOnDownloads = { changed: [], unchanged: [] }
    for (let at = 0; at < chosen.length; at += together) {
      const some = chosen.slice(at, at + together)
      const done = await Promise.all(some.map((id) => this.apply(id, changes[action]).catch(unlessUnfit)))
      for (const [index, row] of done.entries()) outcome[row ? 'changed' : 'unchanged'].push(some[index]!)
    }
    this.engine.tellAll()
    return outcome
  }

  /**
   * A person who may no longer change a space has nothing brought there: it is paused, for whoever else may to resume
   * it; of an account that is gone it is canceled. What others want too goes on for them.
   */
  async withhold({ userId, state, everywhere, spaceIds }: AccessChanged): Promise<void> {
    if (state === 'active' && everywhere) return
    const allowed = new Set(state === 'active' ? spaceIds : [])
    const change = state === 'deleted' ? cancel : pause
    const rows = await this.store.downloads.listUnfinishedOf(userId)
    const withheld = rows.filter(({ spaceId }) => !allowed.has(spaceId))
    for (const { id } of withheld) await this.apply(id, change).catch(unlessUnfit)
    if (withheld.length > 0) this.engine.tellAll()
  }

  private async writable(actor: Actor, ids: readonly string[]): Promise<string[]> {
    const chosen = [...new Set(ids)]
    const rows = await this.store.downloads.listOf(chosen)
    if (rows.length < chosen.length || rows.some(({ spaceId }) => !canRead(actor, spaceId))) {
      throw notFound('download', 'DOWNLOAD_NOT_FOUND')
    }
    for (const { spaceId } of rows) requireWrite(actor, spaceId)
    return chosen
  }

  private async allOf(actor: Actor, action: Action, spaceId = actor.personalSpaceId): Promise<string[]> {
    requireWrite(actor, spaceId)
    return await this.store.downloads.listIds(spaceId, fitting[action], mostAtOnce)
  }

  /** Runs with the transfers locked, so that the status it sees is the one it changes. */
  private async apply(id: string, change: Change): Promise<DownloadRow | undefined> {
    let abandoned: string[] = []
    const changed = await this.store.transact(async (tx) => {
      const ids = (await tx.transfers.lockOfDownload(id)).map((transfer) => transfer.id)
      const now = await tx.downloads.find(id)
      if (!now) throw notFound('download', 'DOWNLOAD_NOT_FOUND')
      const row = await change(tx, now)
      const joined = (await tx.transfers.lockOfDownload(id)).map((transfer) => transfer.id)
      const settled = await tx.transfers.settle([...new Set([...ids, ...joined])])
      abandoned = settled.filter(({ status }) => status === 'canceled').map((transfer) => transfer.id)
      return row
    })
    for (const transferId of abandoned) await this.engine.removePartial(transferId)
    return changed
  }
}

async function pause(tx: DownloaderTx, row: DownloadRow): Promise<DownloadRow | undefined> {
  requireUnfinished(row)
  if (row.status === 'paused') return undefined
  await tx.downloads.wish(row.id, 'paused')
  return await announce(tx, row.id, 'download.paused')
}

async function resume(tx: DownloaderTx, row: DownloadRow): Promise<DownloadRow | undefined> {
  requireUnfinished(row)
  if (row.status !== 'paused') return undefined
  await tx.downloads.wish(row.id, 'wanted')
  await tx.transfers.settle(row.files.map(({ transferId }) => transferId))
  return await announce(tx, row.id, 'download.resumed')
}

/** Only what failed is brought again; what somebody else brings meanwhile is joined. */
async function retry(tx: DownloaderTx, row: DownloadRow): Promise<DownloadRow> {
  if (row.status !== 'failed') {
    throw new AppError('conflict', 'Only a failed download can be tried again', {
      reason: 'DOWNLOAD_NOT_FAILED',
    })
  }
  await tx.downloads.wish(row.id, 'wanted')
  for (const transfer of await tx.transfers.lockOfDownload(row.id)) {
    if (transfer.status === 'completed') continue
    const other = await tx.transfers.lockActive(transfer)
    if (other) await tx.downloads.move(row.id, transfer.id, other.id)
    else await tx.transfers.requeue(transfer.id)
  }
  return await announce(tx, row.id, 'download.queued')
}

async function cancel(tx: DownloaderTx, row: DownloadRow): Promise<DownloadRow | undefined> {
  if (row.status === 'completed' || row.status === 'canceled') return undefined
  await tx.downloads.wish(row.id, 'canceled')
  return await announce(tx, row.id, 'download.canceled')
}

function requireUnfinished({ status }: DownloadRow): void {
  if (!finished.has(status)) return
  throw new AppError('conflict', `This download is ${status}`, { reason: 'DOWNLOAD_FINISHED' })
}

/** It became something else between being chosen and its turn. */
function unlessUnfit(cause: unknown): undefined {
  const { code } = AppError.from(cause)
  if (code !== 'conflict' && code !== 'not_found') throw cause
}
