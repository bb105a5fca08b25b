import { setTimeout as delay } from 'node:timers/promises'
import type { GuardedHttp } from '@easel/http'
import { AppError } from '@easel/protocol'
import { safeFileName } from '../downloads/file-name.ts'
import { magicFault } from '../sources/model-magic.ts'
import type { Bandwidth } from './bandwidth.ts'
import { bytesToTake, preallocate } from './disk-space.ts'
import type { DiskSpace } from './disk-space.ts'
import { isSteady, joins, versionOf } from './file-version.ts'
import type { Hosts } from './hosts.ts'
import type { LaneFile } from './lane/lane-file.ts'
import type { FetchOutcome } from './lane/lane-messages.ts'
import { hostOf, notAModelFile, probe, refusal, refused } from './probe.ts'
import type { Probed } from './probe.ts'
import type { FileAddress, WantedFile } from './wanted-file.ts'

export type FetchRules = {
  http: GuardedHttp
  bandwidth: Bandwidth
  space: DiskSpace
  hosts: Hosts
  /** The pause after a first failure; doubled after each further one. */
  retryMs: number
  /** How often in a row an address may fail without getting further. */
  retries: number
  /** A connection that brings nothing for so long is replaced. */
  stallMs: number
  /** What one connection is asked for at first. */
  chunkBytes: number
}

export type Fetching = FetchRules & {
  file: LaneFile
  path: string
  signal: AbortSignal
  /** Every attempt counts, those that fail too. */
  onAttempt: () => Promise<void>
  /** Before a byte is written. May refuse the file. */
  onAnswer: (file: RemoteFile) => Promise<void>
}

export type RemoteFile = {
  filename: string
  total: number | null
  etag: string | null
  lastModified: string | null
  /** Bytes in the partial file that are kept. */
  kept: number
}

/** Waits longer than this are not worth a slot. */
const longestWaitMs = 30_000
/** An attempt that brought less did not get further. */
const progressBytes = 64 * 1024
/** Files smaller than this fit or do not fit without being asked. */
const preallocatedBytes = 16 * 1024 * 1024
/** With another address to go to, this many failures are enough. */
const patienceWithMirrors = 2

/** Says that the transfer should be tried again later, by whoever is free then. */
export class TryLater extends Error {
  readonly waitMs: number
  readonly error: AppError
  /** The server has said so now, to this transfer. */
  readonly asked: boolean

  constructor(waitMs: number, error: AppError) {
    super('To be tried later', { cause: error })
    this.waitMs = waitMs
    this.error = error
    this.asked = error.reason !== undefined
  }
}

/**
 * Brings all bytes into the partial file, however often connections break, addresses expire and servers refuse. Each
 * attempt asks the address as it was given where the file is now, keeps what surely is of the same file and starts
 * over if it is not. An address that fails for good, or again and again, is left for the next.
 *
 * @returns the name of the file, and whether its bytes were put together from more than one answer
 */
export async function fetchAll(
  fetching: Fetching,
  wanted: WantedFile,
): Promise<{ filename: string; joined: boolean }> {
  const fetch = new Fetch(fetching, wanted)
  for (;;) {
    try {
      const filename = await fetch.attempt()
      if (filename !== undefined) return { filename, joined: fetch.joined }
    } catch (cause) {
      fetching.signal.throwIfAborted()
      if (!(cause instanceof AppError)) throw cause
      await fetch.judge(cause)
    }
  }
}

class Fetch {
  readonly #parts: Fetching
  readonly #wanted: WantedFile
  readonly #resumed: boolean
  #at = 0
  #attempts = 0
  #failures = 0
  #furthest: number
  /** The server says `changed` and then gives the same: it does not keep to its ranges. */
  #contradictions = 0

  constructor(parts: Fetching, wanted: WantedFile) {
    this.#parts = parts
    this.#wanted = wanted
    this.#furthest = parts.file.done
    this.#resumed = parts.file.done > 0
  }

  get joined(): boolean {
    return this.#resumed || this.#attempts > 1
  }

  /** Gives the name when the file is whole. */
  async attempt(): Promise<string | undefined> {
    const { http, hosts, signal, file, bandwidth, onAttempt } = this.#parts
    const address = this.#address
    const pause = hosts.waitMs(hostOf(address))
    if (pause > 0) await this.#wait(pause, new AppError('exhausted', 'The server asked for a pause'))
    await onAttempt()
    this.#attempts += 1
    if (bandwidth.limited) await bandwidth.take(1_024, signal)
    const probed = await probe(http, address, signal)
    const filename = this.#accept(probed)
    const ranged = await this.#begin(address, probed, filename)
    if (ranged && file.whole) return filename
    const outcome = await this.#session(probed, ranged)
    signal.throwIfAborted()
    if (outcome.kind === 'whole') return filename
    if (outcome.kind === 'changed') this.#contradictions += 1
    throw failureOf(outcome)
  }

  /** Waits before the next attempt, turns to another address, or gives up by throwing. */
  async judge(error: AppError): Promise<void> {
    const { file, retries, retryMs, hosts } = this.#parts
    if (isOurs(error)) throw error
    const hasNext = this.#at + 1 < this.#wanted.urls.length
    if (!error.retryable) return this.#leave(error)
    const further = file.done >= this.#furthest + progressBytes
    this.#failures = further ? 1 : this.#failures + 1
    this.#furthest = Math.max(this.#furthest, file.done)
    if (this.#failures > (hasNext ? Math.min(retries, patienceWithMirrors) : retries))
      return this.#leave(error)
    const asked = error.extra.retryAfterMs
    if (asked !== undefined) {
      hosts.pause(hostOf(this.#address), asked)
      if (hasNext && asked > longestWaitMs) return this.#leave(error)
    }
    // What only has to be asked anew is asked at once.
    const atOnce = this.#failures === 1 && error.extra.details?.ask === 'anew'
    const backoff = atOnce ? 0 : Math.min(longestWaitMs, retryMs * 2 ** (this.#failures - 1))
    await this.#wait(asked ?? backoff, error)
  }

  get #address(): FileAddress {
    return this.#wanted.urls[this.#at]!
  }

  #leave(error: AppError): void {
    if (this.#at + 1 >= this.#wanted.urls.length) throw error
    this.#at += 1
    this.#failures = this.#contradictions = 0
  }

  async #wait(ms: number, cause: AppError): Promise<void> {
    if (ms > longestWaitMs) throw new TryLater(ms, cause)
    await delay(ms, undefined, { signal: this.#parts.signal })
  }

  /** Is it what is wanted, as far as the first bytes tell? Gives its name. */
  #accept({ total, contentType, head, names }: Probed): string {
    const { expectedBytes, folder } = this.#wanted
    const filename = this.#wanted.filename ?? nameOf(names, folder)
    const isData = /\.(json|ya?ml|txt)$/i.test(filename)
    const page = /^\s*(text\/html|application\/(xhtml\+xml|problem\+json))/i
    if (page.test(contentType) || (!isData && /^\s*application\/json/i.test(contentType)))
      throw refused('NOT_A_MODEL_FILE', 'The URL gives a page or a message instead of a model file')
    const fault = magicFault(head, filename)
    if (fault) throw notAModelFile(fault)
    if (expectedBytes !== null && total !== null && total !== expectedBytes) {
      const message = `The file has ${total} bytes instead of ${expectedBytes}`
      throw new AppError('conflict', message, {
        reason: 'SIZE_MISMATCH',
        details: { expected: expectedBytes, found: total },
      })
    }
    return filename
  }

  /** Readies the partial file; gives whether it is fetched by ranges. */
  async #begin(address: FileAddress, probed: Probed, filename: string): Promise<boolean> {
    const { file, path, space, onAnswer } = this.#parts
    const hashKnown = this.#wanted.expectedSha256 !== null
    const version = versionOf(address, probed)
    const ranged = probed.ranged && isSteady(version, hashKnown) && this.#contradictions < 2
    const keep = ranged && file.version !== null && joins(file.version, version, hashKnown)
    const { total, etag, lastModified } = version
    await onAnswer({ filename, total, etag, lastModified, kept: keep ? file.done : 0 })
    await space.require(await bytesToTake(path, total ?? 0))
    if (keep && file.done > 0) {
      await file.begin(version, true)
      return ranged
    }
    await file.begin(version, false)
    if (total !== null && total >= preallocatedBytes) await preallocate(path, total)
    return ranged
  }

  async #session({ target }: Probed, ranged: boolean): Promise<FetchOutcome> {
    const { file, hosts, chunkBytes, stallMs } = this.#parts
    using share = hosts.join(target.hostname, file)
    const { connections } = share
    return await file.fetch({ target, version: file.version!, ranged, connections, chunkBytes, stallMs })
  }
}

/** Failures of this side, which no address heals. */
function isOurs({ reason, code }: AppError): boolean {
  return code === 'internal' || /^(DISK|DATABASE)_/.test(reason ?? '') || ownReasons.has(reason ?? '')
}

const ownReasons = new Set(['FILE_EXISTS', 'NO_MODELS_DIRECTORY'])

function failureOf(outcome: FetchOutcome): AppError {
  const reason = 'URL_UNREACHABLE'
  switch (outcome.kind) {
    case 'changed':
      return new AppError('unavailable', 'The file changed on the server while it was fetched', {
        reason,
        details: { ask: 'anew' },
      })
    case 'refused': {
      const error = refusal(outcome.status, outcome.retryAfter ?? undefined)
      if (error.retryable) return error
      // Signed addresses run out: asked anew, the server says whether it still gives the file.
      return new AppError('unavailable', error.message, { reason: error.reason!, details: { ask: 'anew' } })
    }
    case 'unusable':
      return refused('SOURCE_REFUSED', outcome.message)
    case 'broken':
      return new AppError('unavailable', outcome.message, { reason, details: { ask: 'anew' } })
    default:
      return new AppError('unavailable', 'The transfer was stopped', { reason })
  }
}

function nameOf(names: readonly string[], folder: string): string {
  for (const name of names) {
    const safe = safeFileName(name, folder)
    if (safe) return safe
  }
  throw refused('FILENAME_INVALID', 'Neither the server nor the URL name a model file: give a file name')
}
