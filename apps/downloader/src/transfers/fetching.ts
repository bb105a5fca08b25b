import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '@easel/protocol'
import { safeFileName } from '../downloads/file-name.ts'
import { magicBytes, magicFault } from '../sources/model-magic.ts'
import type { Opened, UrlSource, Validators } from '../sources/url.source.ts'
import type { DiskSpace } from './disk-space.ts'
import type { PartialFile } from './partial-file.ts'
import type { TokenBucket } from './token-bucket.ts'

export type Fetching = {
  source: UrlSource
  bucket: TokenBucket
  space: DiskSpace
  partial: PartialFile
  signal: AbortSignal
  retryMs: number
  retries: number
  /** Every request counts, those that fail too. */
  onAttempt: () => Promise<void>
  /** Before the first byte is written. May refuse the file. */
  onAnswer: (file: RemoteFile) => Promise<void>
}

export type RemoteFile = {
  filename: string
  total: number | undefined
  validators: Validators
  /** Bytes in the partial file that its own begin with. */
  kept: number
}

export type Wanted = {
  url: string
  token: string | undefined
  folder: string
  filename: string | undefined
  total: number | undefined
  validators: Validators
  /** With a hash to meet, bytes may be joined that no validator vouches for. */
  hashKnown: boolean
}

/** Waits longer than this are not worth a slot. */
const longestWaitMs = 30_000

/** Says that the transfer should be tried again later, by whoever is free then. */
export class TryLater extends Error {
  readonly waitMs: number

  constructor(waitMs: number, cause: unknown) {
    super('To be tried later', { cause })
    this.waitMs = waitMs
  }
}

/**
 * Brings all bytes into the partial file, however often the connection breaks. Each repeat goes on behind the
 * last byte if the file is surely the same, and starts over if not. Gives up when nothing gets further.
 */
export async function fetchAll(fetching: Fetching, wanted: Wanted): Promise<void> {
  let known = wanted
  let failures = 0
  let furthest = fetching.partial.received
  for (;;) {
    try {
      known = await fetchOnce(fetching, known)
      return
    } catch (cause) {
      fetching.signal.throwIfAborted()
      const error = AppError.from(cause)
      if (cause instanceof Resumable) known = cause.known
      if (!error.retryable) throw cause
      failures = fetching.partial.received > furthest ? 1 : failures + 1
      furthest = Math.max(furthest, fetching.partial.received)
      if (failures > fetching.retries) throw cause
      const waitMs =
        error.extra.retryAfterMs ?? Math.min(longestWaitMs, fetching.retryMs * 2 ** (failures - 1))
      if (waitMs > longestWaitMs) throw new TryLater(waitMs, cause)
      await delay(waitMs, undefined, { signal: fetching.signal })
    }
  }
}

/** A broken attempt, with what it learnt of the file. */
class Resumable extends AppError {
  readonly known: Wanted

  constructor(cause: unknown, known: Wanted) {
    const { code, message, extra } = AppError.from(cause)
    super(code, message, { ...extra, cause })
    this.known = known
  }
}

async function fetchOnce(fetching: Fetching, wanted: Wanted): Promise<Wanted> {
  const { source, partial, signal } = fetching
  await fetching.onAttempt()
  const { etag, lastModified } = wanted.validators
  if (etag === null && lastModified === null && !wanted.hashKnown && partial.received > 0)
    await partial.restart()

  const { url, token, validators } = wanted
  const opened = await source.open({ url, token, offset: partial.received, validators, signal })
  if (opened === 'complete') return wanted
  const grown = opened !== 'changed' && opened.start > 0 && isOther(wanted.total, opened.total)
  if (opened === 'changed' || grown) {
    if (opened !== 'changed') opened.body.destroy()
    await partial.restart()
    return await fetchFrom(fetching, { ...wanted, total: undefined, validators: nothing }, undefined)
  }
  return await fetchFrom(fetching, wanted, opened)
}

const nothing: Validators = { etag: null, lastModified: null }

async function fetchFrom(fetching: Fetching, wanted: Wanted, answer: Opened | undefined): Promise<Wanted> {
  const { source, partial, signal, space } = fetching
  const opened = answer ?? (await source.open({ ...wanted, offset: 0, signal }))
  if (typeof opened === 'string') throw new AppError('unavailable', 'The server contradicts itself')
  try {
    if (opened.start !== partial.received) await partial.restart()
    const { total, validators } = opened
    const filename = wanted.filename ?? nameOf(opened, wanted.folder)
    const known = {
      ...wanted,
      filename,
      ...(opened.start === 0 ? { total, validators } : joined(wanted, opened)),
    }
    await fetching.onAnswer({
      filename,
      total: known.total,
      validators: known.validators,
      kept: partial.received,
    })
    if (total !== undefined) await space.require(total - opened.start)
    try {
      await readBody(fetching, opened, { filename, total: known.total })
    } catch (cause) {
      throw new Resumable(cause, known)
    }
    return known
  } finally {
    opened.body.destroy()
  }
}

async function readBody(
  { partial, bucket, signal }: Fetching,
  { body, start }: Opened,
  { filename, total }: { filename: string; total: number | undefined },
): Promise<void> {
  let head: Buffer | undefined = start === 0 ? Buffer.alloc(0) : undefined
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (head) {
      head = Buffer.concat([head, chunk.subarray(0, magicBytes)])
      if (head.length >= magicBytes) head = requireMagic(head, filename)
    }
    if (total !== undefined && partial.received + chunk.length > total) {
      throw new AppError('conflict', 'The server sends more than it announced', { reason: 'SOURCE_REFUSED' })
    }
    await bucket.take(chunk.length, signal)
    // Awaited only when it has to wait: an await for each 16 KiB would cost more than the copy.
    const full = partial.append(chunk)
    if (full) await full
  }
  if (head) requireMagic(head, filename)
  signal.throwIfAborted()
  if (total !== undefined && partial.received < total) {
    throw new AppError('unavailable', 'The server broke off before the end', { reason: 'URL_UNREACHABLE' })
  }
}

function requireMagic(head: Buffer, filename: string): undefined {
  const fault = magicFault(head, filename)
  if (fault) throw notAModelFile(fault)
}

export function notAModelFile(fault: string): AppError {
  return new AppError('conflict', `The URL gives no model file. ${fault}.`, { reason: 'NOT_A_MODEL_FILE' })
}

/** The answer to a range may leave out what the first answer said. */
function joined({ total, validators }: Wanted, opened: Opened): Pick<Wanted, 'total' | 'validators'> {
  const { etag, lastModified } = opened.validators
  return {
    total: opened.total ?? total,
    validators: {
      etag: etag ?? validators.etag,
      lastModified: lastModified ?? validators.lastModified,
    },
  }
}

function nameOf({ names }: Opened, folder: string): string {
  for (const name of names) {
    const safe = safeFileName(name, folder)
    if (safe) return safe
  }
  throw new AppError('conflict', 'Neither the server nor the URL name a model file: give a file name', {
    reason: 'FILENAME_INVALID',
  })
}

const isOther = (before: number | undefined, now: number | undefined) =>
  before !== undefined && now !== undefined && before !== now
