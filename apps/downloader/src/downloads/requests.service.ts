import { filePlaced } from '@easel/contracts'
import type { CreateDownload } from '@easel/contracts'
import { AppError, newId, requireWrite } from '@easel/protocol'
import type { Actor } from '@easel/protocol'
import { Inject, Injectable } from '@nestjs/common'
import { DownloaderStore } from '../downloader.store.ts'
import type { DownloaderTx } from '../downloader.store.ts'
import { TransferEngine } from '../transfers/transfer-engine.ts'
import type { NewTransfer } from '../transfers/transfers.repository.ts'
import { announce } from './announce.ts'
import type { DownloadRow } from './download-view.ts'
import { Orders } from './orders.ts'
import { PresentFiles } from './present-files.ts'
import type { PresentFile } from './present-files.ts'

export const ROOM = Symbol('room')

/** Throws NO_MODELS_DIRECTORY or DISK_FULL. */
export type Room = { require: (bytes: number) => Promise<void> }

type OrderedFile = { transfer: NewTransfer; present: PresentFile | undefined }

const attempts = 5
/** What would have to be read for longer to be sure of it is looked at when its turn comes. */
const lookMs = 2_000
const looksAtOnce = 8

/** Takes requests: what is here already is done at once, what somebody else brings already is joined. */
@Injectable()
export class RequestsService {
  constructor(
    private readonly store: DownloaderStore,
    private readonly engine: TransferEngine,
    private readonly orders: Orders,
    private readonly presentFiles: PresentFiles,
    @Inject(ROOM) private readonly room: Room,
  ) {}

  async create(actor: Actor, input: CreateDownload): Promise<DownloadRow> {
    const spaceId = input.spaceId ?? actor.personalSpaceId
    requireWrite(actor, spaceId)
    const before = input.id === undefined ? undefined : await this.store.downloads.find(input.id)
    if (before) return sameOnes(actor, before)
    await this.room.require(0)
    const { files: wanted, ...order } = await this.orders.of(actor, input)
    const files = await this.look(actor, wanted)
    const missing = files.filter(({ present }) => !present)
    await this.room.require(missing.reduce((sum, { transfer }) => sum + (transfer.expectedBytes ?? 0), 0))
    const { priority = 0 } = input
    const download = { ...order, id: input.id ?? newId(), spaceId, createdBy: actor.userId, priority }
    const row = await this.store.transact(async (tx) => {
      const joined: { transferId: string; reused: boolean }[] = []
      for (const file of files) joined.push(await enter(tx, file))
      await tx.downloads.insert({ ...download, files: joined })
      await tx.transfers.settle(joined.map(({ transferId }) => transferId))
      const queued = await announce(tx, download.id, 'download.queued')
      return queued.status === 'completed' ? await announce(tx, download.id, 'download.completed') : queued
    })
    this.engine.tellAll()
    return row
  }

  private async look(actor: Actor, wanted: readonly NewTransfer[]): Promise<OrderedFile[]> {
    const signal = AbortSignal.timeout(lookMs)
    const files: OrderedFile[] = []
    for (let at = 0; at < wanted.length; at += looksAtOnce) {
      const some = wanted.slice(at, at + looksAtOnce).map(async (transfer) => {
        const { folder, filename, expectedSha256: sha256 } = transfer
        const sought = { folder, filename, sha256 }
        const present = signal.aborted ? undefined : await this.presentFiles.find(sought, actor, signal)
        return { transfer, present }
      })
      files.push(...(await Promise.all(some)))
    }
    return files
  }
}

/** Whose id it is not learns nothing of it. */
function sameOnes(actor: Actor, before: DownloadRow): DownloadRow {
  if (before.createdBy === actor.userId) return before
  throw new AppError('conflict', 'There is another download with this id')
}

async function enter(tx: DownloaderTx, file: OrderedFile): Promise<{ transferId: string; reused: boolean }> {
  const { transfer, present } = file
  if (!present) return { transferId: await join(tx, transfer), reused: false }
  const { id } = transfer
  const { folder, filename, sha256, bytes } = present
  await tx.transfers.insertCompleted({ ...transfer, filename }, { sha256, bytes })
  const payload = { transferId: id, path: `${folder}/${filename}`, bytes, sha256 }
  await tx.outbox.add(filePlaced, payload, { key: id })
  return { transferId: id, reused: true }
}

/** Gives the transfer under way that brings the same, or begins this one. */
async function join(tx: DownloaderTx, transfer: NewTransfer): Promise<string> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const active = await tx.transfers.lockActive(transfer)
    if (active) return active.id
    if (await tx.transfers.insert(transfer)) return transfer.id
  }
  throw new AppError('unavailable', 'Too many requests for this file at once', { retryAfterMs: 1_000 })
}
