import { stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { filePlaced } from '@easel/contracts'
import type { Logger } from '@easel/observability'
import { AppError } from '@easel/protocol'
import type { DownloaderStore, DownloaderTx } from '../downloader.store.ts'
import { announceEnd } from '../downloads/announce.ts'
import type { DownloadFeed } from '../downloads/download-feed.ts'
import { bring } from './bringing.ts'
import type { BringingProgress, PartialPaths } from './bringing.ts'
import { TryLater } from './fetching.ts'
import type { FetchRules, RemoteFile } from './fetching.ts'
import type { Lanes } from './lane/lanes.ts'
import type { FoundFile, Placement, VerifiedFile } from './placement.ts'
import { Speed } from './progress-feed.ts'
import type { PromisedSpace } from './promised-space.ts'
import type { TransferFiles } from './transfer-files.ts'
import type { Patience, Setback } from './claims.repository.ts'
import type { Claim, TransferRow } from './transfers.repository.ts'
import type { WantedFile, Wishes } from './wanted-file.ts'

export type RunParts = FetchRules & {
  store: DownloaderStore
  feed: DownloadFeed
  log: Logger
  files: TransferFiles
  lanes: Lanes
  placement: Placement
  promisedSpace: PromisedSpace
  wishes: Wishes<TransferRow>
  boot: string
  patience: Patience
  /** A run of the same transfer that has to end first. */
  before?: Promise<void> | undefined
}

/** Why a run ends before its transfer does. */
export type StopReason = 'stopping' | 'lost'

const tellMs = 250
const saveEvery = 4

/** After these failures nothing of the partial file is of use. */
const spoiled = new Set([
  'HASH_MISMATCH',
  'SIZE_MISMATCH',
  'NOT_A_MODEL_FILE',
  'FILE_EXISTS',
  'FILENAME_INVALID',
])

/**
 * One claimed transfer on this replica: bring and verify → place → commit. Every write to the database is fenced by
 * the claim; where the claim is gone, the run ends without a trace.
 */
export class TransferRun {
  readonly claim: Claim
  readonly done: Promise<void>
  readonly #parts: RunParts
  readonly #transfer: TransferRow
  readonly #abort = new AbortController()
  readonly #speed = new Speed()
  #progress: BringingProgress = { done: 0, connections: 0 }
  #reason: StopReason | undefined

  constructor(parts: RunParts, transfer: TransferRow) {
    this.#parts = parts
    this.#transfer = transfer
    this.#progress = { done: Number(transfer.bytesDone), connections: 0 }
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
    try {
      await this.#parts.before
      this.#abort.signal.throwIfAborted()
      const paths = await this.#takeOver()
      const verified = (await this.#verifiedBefore(paths)) ?? (await this.#bring(paths))
      await this.#place(verified, paths)
    } catch (cause) {
      await this.#end(cause)
    }
  }

  #takeOver(): Promise<PartialPaths> {
    const { files, boot, space } = this.#parts
    const { sha256, bytesTotal } = this.#transfer
    const verifiedBytes = sha256 === null || bytesTotal === null ? null : Number(bytesTotal)
    return files.takeOver(this.claim, { boot, space, verifiedBytes, signal: this.#abort.signal })
  }

  /**
   * A crash came between the verification and the commit: the file may have its name already, and be the partial
   * file, which must not be touched therefore.
   */
  async #verifiedBefore({ path }: PartialPaths): Promise<VerifiedFile | undefined> {
    const { sha256, filename, folder, bytesTotal } = this.#transfer
    const { placement } = this.#parts
    if (sha256 === null || filename === null || bytesTotal === null) return undefined
    const bytes = Number(bytesTotal)
    const partial = await stat(path).catch(() => undefined)
    if (partial?.size === bytes) return { transferId: this.claim.id, folder, filename, sha256, bytes }
    const found = await placement.find({ folder, filename, sha256, bytes }, this.#abort.signal)
    if (found) throw new Present(found)
    return undefined
  }

  async #bring(paths: PartialPaths): Promise<VerifiedFile> {
    const { store, placement, promisedSpace, wishes } = this.#parts
    const wanted = await wishes(this.#transfer)
    const { folder, filename, expectedSha256, expectedBytes } = wanted
    const sought = { folder, filename, sha256: expectedSha256, bytes: expectedBytes }
    const found = await placement.find(sought, this.#abort.signal)
    if (found) throw new Present(found)
    const ticking = this.#tick()
    try {
      const brought = await bring(
        {
          ...this.#parts,
          space: promisedSpace.of(this.claim),
          paths,
          durable: true,
          signal: this.#abort.signal,
          onOpen: (progress) => (this.#progress = progress),
          onAttempt: () => this.#fenced(store.transfers.noteAttempt(this.claim)),
          onAnswer: (file) => this.#answered(wanted, file),
        },
        wanted,
      )
      const verified = { transferId: this.claim.id, folder, ...brought }
      await this.#fenced(store.transfers.noteVerifying(this.claim, verified.sha256, verified.bytes))
      return verified
    } finally {
      clearInterval(ticking)
      this.#parts.feed.end(this.claim.id)
    }
  }

  async #answered({ folder, expectedSha256 }: WantedFile, file: RemoteFile): Promise<void> {
    const { placement, store } = this.#parts
    const { filename, total, etag, lastModified, kept } = file
    const answer = { filename, bytesTotal: total, etag, lastModified, kept }
    await this.#fenced(store.transfers.noteAnswer(this.claim, answer))
    const sought = { folder, filename, sha256: expectedSha256, bytes: total }
    const found = await placement.find(sought, this.#abort.signal)
    if (found) throw new Present(found)
  }

  async #place(file: VerifiedFile, { path }: PartialPaths): Promise<void> {
    const { placement } = this.#parts
    await placement.place(path, file, this.#abort.signal)
    await this.#complete({ takeBack: () => placement.remove(path, file) })
  }

  #tick(): NodeJS.Timeout {
    let ticks = 0
    let saving = false
    return setInterval(() => {
      const { done } = this.#progress
      this.#speed.add(done)
      const bytesPerSecond = this.#speed.bytesPerSecond
      this.#parts.feed.report(this.claim.id, { bytesDone: done, bytesPerSecond })
      if (++ticks % saveEvery !== 0 || saving) return
      saving = true
      void this.#save(done, bytesPerSecond).finally(() => (saving = false))
    }, tellMs)
  }

  async #save(done: number, bytesPerSecond: number): Promise<void> {
    const { store, space, log } = this.#parts
    try {
      if (!(await store.transfers.noteProgress(this.claim, done, bytesPerSecond))) return this.stop('lost')
      await space.require(0)
    } catch (cause) {
      if (cause instanceof AppError && cause.reason === 'DISK_FULL') this.#abort.abort(cause)
      else log.debug({ err: cause, transfer: this.claim.id }, 'how far a transfer got could not be noted')
    }
  }

  async #complete({ takeBack, found }: Completion): Promise<void> {
    const { store, files, log } = this.#parts
    const completed = await store.transact(async (tx) => {
      if (found) await noteFound(tx, this.claim, found)
      if (!(await tx.transfers.complete(this.claim))) return false
      if (found) await tx.downloads.noteReused(this.claim.id)
      await announceEnd(tx, this.claim.id)
      const { folder, filename, sha256, bytesDone } = (await tx.transfers.find(this.claim.id))!
      const payload = { path: `${folder}/${filename}`, bytes: Number(bytesDone), sha256: sha256! }
      await tx.outbox.add(filePlaced, { transferId: this.claim.id, ...payload }, { key: this.claim.id })
      return true
    })
    if (completed) log.info({ transfer: this.claim.id }, 'a file was downloaded')
    else if (takeBack && (await store.transfers.find(this.claim.id))?.status === 'canceled') await takeBack()
    else return
    await files.removePartial(this.claim.id, this.#upToMine)
  }

  async #end(cause: unknown): Promise<void> {
    const { store, files } = this.#parts
    const { id } = this.claim
    if (cause instanceof Present) return await this.#complete({ found: cause.file })
    const written = this.#progress.done
    if (cause instanceof TryLater) return await this.#putOff(cause, written)
    if (this.#reason === 'stopping') {
      await store.transfers.noteProgress(this.claim, written, 0)
      await store.transfers.release(this.claim, 0)
      return
    }
    if (this.#reason === 'lost' || cause instanceof Lost) {
      const now = await store.transfers.find(id)
      if (now?.status === 'paused') await store.transfers.notePaused(this.claim, written)
      if (now?.status === 'canceled' || now === undefined) await files.removePartial(id, this.#upToMine)
      return
    }
    const { signal } = this.#abort
    await this.#fail(AppError.from(signal.aborted ? signal.reason : cause), written)
  }

  async #putOff({ waitMs, error, asked }: TryLater, written: number): Promise<void> {
    const { store, patience } = this.#parts
    await store.transfers.noteProgress(this.claim, written, 0)
    // That another transfer was asked for a pause is no setback of this one.
    const setback = asked ? await store.claims.noteSetback(this.claim, patience) : undefined
    if (setback?.tooMany) return await this.#fail(givenUp(error, setback), written)
    await store.transfers.release(this.claim, Math.max(waitMs, pauseMs(setback?.setbacks ?? 0)))
  }

  async #fail(error: AppError, written: number): Promise<void> {
    const { store, files, log } = this.#parts
    const { id } = this.claim
    // Nothing is wrong with the transfer: whoever claims it when the lease is over goes on.
    if (error.reason?.startsWith('DATABASE_')) throw error
    if (error.code === 'internal')
      log.error({ err: error.extra.cause ?? error, transfer: id }, 'a transfer failed')
    const code = error.reason ?? 'INTERNAL'
    const keeps = !spoiled.has(code)
    if (keeps) await store.transfers.noteProgress(this.claim, written, 0)
    await store.transact(async (tx) => {
      if (!(await tx.transfers.fail(this.claim, { code, message: error.message, keeps }))) return
      // Before somebody can ask for another try, which begins a partial file of its own.
      if (!keeps) await files.removePartial(id, { ...this.#upToMine, bad: false })
      await announceEnd(tx, id)
    })
  }

  /** Whoever has claimed it since has files of his own. */
  get #upToMine() {
    return { before: this.claim.epoch + 1 }
  }

  async #fenced(change: Promise<boolean>): Promise<void> {
    if (!(await change)) throw new Lost()
  }
}

/** Before the next try: the server's word alone for the first ones, then growing up to an hour. */
const pauseMs = (setbacks: number): number =>
  setbacks < 3 ? 0 : Math.min(60 * 60_000, 60_000 * 2 ** (setbacks - 3))

function givenUp(error: AppError, { setbacks, sinceMs }: Setback): AppError {
  const hours = Math.round(sinceMs / 3_600_000)
  const since = hours === 0 ? 'within an hour' : `over ${hours} h`
  const message = `${error.message}. That it did ${setbacks} times ${since}: given up until somebody tries again`
  return new AppError('unavailable', message, { reason: error.reason ?? 'SOURCE_BUSY' })
}

type Completion = { takeBack?: () => Promise<void>; found?: FoundFile }

/** With the end of the transfer, so that nobody takes its partial file for what was found. */
async function noteFound(tx: DownloaderTx, claim: Claim, { path, sha256, bytes }: FoundFile): Promise<void> {
  const filename = path.slice(path.lastIndexOf('/') + 1)
  const answer = { filename, bytesTotal: bytes, etag: null, lastModified: null, kept: 0 }
  await tx.transfers.noteAnswer(claim, answer)
  await tx.transfers.noteVerifying(claim, sha256, bytes)
}

/** The claim is gone: paused, canceled, or another replica's. */
class Lost extends Error {}
/** The bytes are there already, under the name. */
class Present extends Error {
  readonly file: FoundFile

  constructor(file: FoundFile) {
    super('The file is there already')
    this.file = file
  }
}
