import { hostname } from 'node:os'
import { downloadChanged, filePlaced } from '@easel/contracts'
import type { DownloadChanged } from '@easel/contracts'
import type { Bus } from '@easel/bus'
import type { Sealer } from '@easel/config'
import type { Logger } from '@easel/observability'
import { AppError } from '@easel/protocol'
import { fileSource, readHeader } from '@easel/safetensors'
import type { Hasher } from '@easel/safetensors'
import { rm } from 'node:fs/promises'
import type { DownloaderStore, DownloaderTx } from '../downloader.store.ts'
import { toDownloadView } from '../downloads/download-view.ts'
import type { DownloadRow } from '../downloads/download-view.ts'
import type { UrlSource } from '../sources/url.source.ts'
import type { DiskSpace } from './disk-space.ts'
import { fetchAll, notAModelFile, TryLater } from './fetching.ts'
import type { RemoteFile } from './fetching.ts'
import { PartialFile } from './partial-file.ts'
import { fileExists, isSameFile, placeFile, sizeOf } from './place-file.ts'
import { Speed, tellProgress } from './progress-feed.ts'
import type { TokenBucket } from './token-bucket.ts'
import type { TransferFiles } from './transfer-files.ts'
import type { Claim, TransferRow } from './transfers.repository.ts'

export type RunParts = {
  store: DownloaderStore
  bus: Bus
  log: Logger
  files: TransferFiles
  source: UrlSource
  bucket: TokenBucket
  space: DiskSpace
  hasher: Hasher
  sealer: Sealer
  retryMs: number
  retries: number
}

/** Why a run ends before its transfer does. */
export type StopReason = 'stopping' | 'lost'

const tellMs = 250
const saveEvery = 4

/** After these failures nothing of the partial file is of use. */
const spoiled = new Set(['HASH_MISMATCH', 'NOT_A_MODEL_FILE', 'FILE_EXISTS', 'FILENAME_INVALID'])

export const sealedUrlOf = (transferId: string) => `transfer-url:${transferId}`
export const sealedTokenOf = (transferId: string) => `transfer-token:${transferId}`

/**
 * One claimed transfer on this replica: open the partial → fetch → verify → place → commit. Every write to the
 * database is fenced by the claim; where the claim is gone, the run ends without a trace.
 */
export class TransferRun {
  readonly claim: Claim
  readonly done: Promise<void>
  readonly #parts: RunParts
  readonly #transfer: TransferRow
  readonly #abort = new AbortController()
  readonly #speed = new Speed()
  #downloads: readonly DownloadRow[] = []
  #reason: StopReason | undefined

  constructor(parts: RunParts, transfer: TransferRow) {
    this.#parts = parts
    this.#transfer = transfer
    this.claim = { id: transfer.id, epoch: transfer.epoch }
    this.done = this.#run().catch((cause: unknown) => {
      parts.log.error(
        { err: cause, transfer: transfer.id, host: hostname() },
        'a transfer could not be ended',
      )
    })
  }

  stop(reason: StopReason): void {
    this.#reason ??= reason
    this.#abort.abort(new Error('The transfer was stopped'))
  }

  async #run(): Promise<void> {
    const { files, store } = this.#parts
    let written = Number(this.#transfer.bytesDone)
    try {
      this.#downloads = await store.downloads.listOfTransfer(this.claim.id)
      if (await this.#isPlaced()) return await this.#complete()
      await using partial = await PartialFile.open(
        files.partial(this.claim.id),
        this.#reliable,
        this.#abort.signal,
      )
      try {
        await this.#bring(partial)
      } finally {
        written = await partial.flush().then(
          () => partial.sync(),
          () => partial.durable,
        )
      }
    } catch (cause) {
      await this.#end(cause, written)
    }
  }

  /** How much of the partial file, if there is as much, is surely what was written. */
  get #reliable(): number {
    const { machine, machineBefore, bytesDone } = this.#transfer
    return machine === machineBefore ? Number.MAX_SAFE_INTEGER : Number(bytesDone)
  }

  /**
   * Did a crash come between the final name and the commit? The partial and the final name may be one file then,
   * so the partial must not be touched before this is known.
   */
  async #isPlaced(): Promise<boolean> {
    const { sha256, filename, folder } = this.#transfer
    const { files, hasher } = this.#parts
    if (sha256 === null || filename === null) return false
    const target = files.target(folder, filename)
    if ((await sizeOf(target)) === undefined) return false
    if (await isSameFile(files.partial(this.claim.id), target)) return true
    return (await hasher.hashFile(target, { signal: this.#abort.signal })).hash === sha256
  }

  /** Fetched and hashed by a run of before, and only not placed. */
  #isWhole(partial: PartialFile): boolean {
    return this.#transfer.sha256 !== null && partial.received === Number(this.#transfer.bytesTotal)
  }

  async #bring(partial: PartialFile): Promise<void> {
    const resumed = partial.received > 0
    if (!this.#isWhole(partial)) await this.#fetch(partial, this.#transfer)
    const { sha256, bytes } = await partial.finish()
    const { expectedSha256, folder } = this.#transfer
    if (expectedSha256 !== null && expectedSha256 !== sha256) {
      if (resumed) throw new StartOver()
      throw hashMismatch(expectedSha256, sha256)
    }
    const filename = this.#transfer.filename!
    const path = this.#parts.files.partial(this.claim.id)
    await this.#requireSound(path, filename)
    await this.#fenced(this.#parts.store.transfers.noteVerifying(this.claim, sha256, bytes))
    const target = this.#parts.files.target(folder, filename)
    const { hasher } = this.#parts
    const placement = { partial: path, target, sha256, bytes, transferId: this.claim.id, hasher }
    await placeFile({ ...placement, signal: this.#abort.signal })
    await this.#complete({ path, target })
  }

  async #fetch(partial: PartialFile, transfer: TransferRow): Promise<void> {
    const { sealer, source, bucket, space, retryMs, retries, store } = this.#parts
    const { id, sealedToken } = transfer
    const ticking = this.#tick(partial)
    try {
      await fetchAll(
        {
          source,
          bucket,
          space,
          partial,
          retryMs,
          retries,
          signal: this.#abort.signal,
          onAttempt: () => this.#fenced(store.transfers.noteAttempt(this.claim)),
          onAnswer: (file) => this.#answered(file),
        },
        {
          url: sealer.open(transfer.sealedUrl, sealedUrlOf(id)),
          token: sealedToken === null ? undefined : sealer.open(sealedToken, sealedTokenOf(id)),
          folder: transfer.folder,
          filename: transfer.filename ?? undefined,
          total: transfer.bytesTotal === null ? undefined : Number(transfer.bytesTotal),
          validators: { etag: transfer.etag, lastModified: transfer.lastModified },
          hashKnown: transfer.expectedSha256 !== null,
        },
      )
    } finally {
      clearInterval(ticking)
    }
  }

  async #answered({ filename, total, validators, kept }: RemoteFile): Promise<void> {
    const { files, hasher, store } = this.#parts
    const { folder, expectedSha256 } = this.#transfer
    const answer = { filename, bytesTotal: total ?? null, ...validators, kept }
    Object.assign(this.#transfer, { filename, etag: validators.etag, lastModified: validators.lastModified })
    await this.#fenced(store.transfers.noteAnswer(this.claim, answer))
    this.#downloads = await store.downloads.listOfTransfer(this.claim.id)

    const target = files.target(folder, filename)
    const present = await sizeOf(target)
    if (present === undefined) return
    if (total !== undefined && present !== total) throw fileExists()
    if (expectedSha256 === null) return
    const { hash } = await hasher.hashFile(target, { signal: this.#abort.signal })
    if (hash !== expectedSha256) throw fileExists()
    throw new Present(hash, present)
  }

  async #requireSound(path: string, filename: string): Promise<void> {
    if (!/\.(safetensors|sft)$/i.test(filename)) return
    try {
      await readHeader(fileSource(path), { maxTensors: 1, signal: this.#abort.signal })
    } catch (cause) {
      if (cause instanceof AppError && cause.reason === 'SAFETENSORS_INVALID')
        throw notAModelFile(cause.message)
      throw cause
    }
  }

  #tick(partial: PartialFile): NodeJS.Timeout {
    let ticks = 0
    let saving = false
    return setInterval(() => {
      this.#speed.add(partial.received)
      const bytesPerSecond = this.#speed.bytesPerSecond
      tellProgress(this.#parts.bus, this.#downloads, { bytesDone: partial.written, bytesPerSecond })
      if (++ticks % saveEvery !== 0 || saving) return
      saving = true
      void this.#save(partial, bytesPerSecond).finally(() => (saving = false))
    }, tellMs)
  }

  async #save(partial: PartialFile, bytesPerSecond: number): Promise<void> {
    const { store, space, log } = this.#parts
    try {
      const durable = await partial.sync()
      if (!(await store.transfers.noteProgress(this.claim, durable, bytesPerSecond))) return this.stop('lost')
      this.#downloads = await store.downloads.listOfTransfer(this.claim.id)
      await space.require(0)
    } catch (cause) {
      if (cause instanceof AppError && cause.reason === 'DISK_FULL') this.#abort.abort(cause)
      else log.debug({ err: cause, transfer: this.claim.id }, 'how far a transfer got could not be noted')
    }
  }

  async #complete(placed?: { path: string; target: string }): Promise<void> {
    const { store, files, log } = this.#parts
    const completed = await store.transact(async (tx) => {
      if (!(await tx.transfers.complete(this.claim))) return false
      await announce(tx, this.claim.id, 'download.completed')
      const { folder, filename, sha256, bytesDone } = (await tx.transfers.find(this.claim.id))!
      const payload = { path: `${folder}/${filename}`, bytes: Number(bytesDone), sha256: sha256! }
      await tx.outbox.add(filePlaced, { transferId: this.claim.id, ...payload }, { key: this.claim.id })
      return true
    })
    if (completed) log.info({ transfer: this.claim.id }, 'a file was downloaded')
    else if (placed && (await store.transfers.find(this.claim.id))?.status === 'canceled') {
      // Canceled at the last moment: the name goes again, if it is ours.
      if (await isSameFile(placed.path, placed.target)) await rm(placed.target, { force: true })
    } else return
    await files.removePartial(this.claim.id)
  }

  async #end(cause: unknown, written: number): Promise<void> {
    const { store, files, log } = this.#parts
    const { id } = this.claim
    if (cause instanceof Present) {
      await this.#fenced(store.transfers.noteVerifying(this.claim, cause.sha256, cause.bytes))
      return await this.#complete()
    }
    const { signal } = this.#abort
    if (cause instanceof TryLater || cause instanceof StartOver || this.#reason === 'stopping') {
      const bytes = cause instanceof StartOver ? 0 : written
      await store.transfers.noteProgress(this.claim, bytes, 0)
      await store.transfers.release(this.claim, cause instanceof TryLater ? cause.waitMs : 0)
      return
    }
    if (this.#reason === 'lost' || cause instanceof Lost) {
      const now = await store.transfers.find(id)
      if (now?.status === 'paused') await store.transfers.notePaused(this.claim, written)
      if (now?.status === 'canceled' || now === undefined) await files.removePartial(id)
      return
    }
    const error = AppError.from(signal.aborted ? signal.reason : cause)
    // Nothing is wrong with the transfer: whoever claims it when the lease is over goes on.
    if (error.reason?.startsWith('DATABASE_')) throw error
    if (error.code === 'internal')
      log.error({ err: error.extra.cause ?? error, transfer: id }, 'a transfer failed')
    const code = error.reason ?? 'INTERNAL'
    const keeps = !spoiled.has(code)
    if (keeps) await store.transfers.noteProgress(this.claim, written, 0)
    const failed = await store.transact(async (tx) => {
      if (!(await tx.transfers.fail(this.claim, { code, message: error.message, keeps }))) return false
      await announce(tx, id, 'download.failed')
      return true
    })
    if (failed && !keeps) await files.removePartial(id)
  }

  async #fenced(change: Promise<boolean>): Promise<void> {
    if (!(await change)) throw new Lost()
  }
}

/** The claim is gone: paused, canceled, or another replica's. */
class Lost extends Error {}
/** A file that was put together from two answers did not meet its hash: once more from the first byte. */
class StartOver extends Error {}
/** The file is there already, with the right bytes. */
class Present extends Error {
  readonly sha256: string
  readonly bytes: number

  constructor(sha256: string, bytes: number) {
    super('The file is there already')
    this.sha256 = sha256
    this.bytes = bytes
  }
}

export async function announce(
  tx: DownloaderTx,
  transferId: string,
  event: DownloadChanged['event'],
): Promise<void> {
  const rows = await tx.downloads.listOfTransfer(transferId)
  await tx.outbox.addMany(
    downloadChanged,
    rows.map((row) => ({ key: row.id, payload: { event, download: toDownloadView(row) } })),
  )
}

function hashMismatch(expected: string, found: string): AppError {
  const message = `The bytes are not those that were asked for: SHA-256 ${found} instead of ${expected}`
  return new AppError('conflict', message, { reason: 'HASH_MISMATCH', details: { expected, found } })
}
