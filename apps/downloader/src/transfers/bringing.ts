import { rename } from 'node:fs/promises'
import { AppError } from '@easel/protocol'
import { fileSource, readHeader } from '@easel/safetensors'
import { fetchAll } from './fetching.ts'
import type { Fetching, FetchRules } from './fetching.ts'
import { LaneFile } from './lane/lane-file.ts'
import type { Lanes } from './lane/lanes.ts'
import { notAModelFile } from './probe.ts'
import type { WantedFile } from './wanted-file.ts'

/** Where an unfinished file lies. */
export type PartialPaths = {
  path: string
  /** What of it is there. */
  journal: string
  /** Its name when its bytes turned out wrong. */
  bad: string
}

export type Bringing = FetchRules & {
  lanes: Lanes
  paths: PartialPaths
  boot: string
  signal: AbortSignal
  /** The bytes are on the disk when it is done. */
  durable: boolean
  onOpen: (progress: BringingProgress) => void
} & Pick<Fetching, 'onAttempt' | 'onAnswer'>

export type BringingProgress = { readonly done: number; readonly connections: number }

export type Brought = { filename: string; sha256: string; bytes: number }

/**
 * Brings a file under its partial path, to the last byte, and verifies it: the hash, where one is expected, and the
 * header of safetensors. What an earlier call left there is gone on with. Bytes that do not meet the hash are
 * fetched once more if they came in several answers or there is another address; in the end they lie under the
 * bad name.
 */
export async function bring(bringing: Bringing, wanted: WantedFile): Promise<Brought> {
  const { lanes, paths, boot, bandwidth, signal, durable } = bringing
  const { path, journal } = paths
  let left: WantedFile['urls'][number][] = [...wanted.urls]
  let resumes = true
  for (;;) {
    const file = await LaneFile.open(lanes.pick(), { path, journal, boot, bandwidth, signal })
    let wrong: AppError
    let joined: boolean
    {
      await using opened = file
      bringing.onOpen(opened)
      const urls = left as unknown as WantedFile['urls']
      const fetched = await fetchAll({ ...bringing, file: opened, path }, { ...wanted, urls })
      const { sha256, bytes } = await opened.finish(durable)
      signal.throwIfAborted()
      if (wanted.expectedSha256 === null || wanted.expectedSha256 === sha256) {
        await requireSound(path, fetched.filename, signal)
        return { filename: fetched.filename, sha256, bytes }
      }
      wrong = hashMismatch(wanted.expectedSha256, sha256)
      joined = fetched.joined
      // Whatever comes next begins from nothing.
      if (opened.version) await opened.begin({ ...opened.version, total: null }, true)
    }
    if (!(joined && resumes)) left = left.slice(1)
    resumes = false
    if (left.length > 0) continue
    await rename(path, paths.bad)
    throw wrong
  }
}

async function requireSound(path: string, filename: string, signal: AbortSignal): Promise<void> {
  if (!/\.(safetensors|sft)$/i.test(filename)) return
  try {
    await readHeader(fileSource(path), { maxTensors: 1, signal })
  } catch (cause) {
    if (cause instanceof AppError && cause.reason === 'SAFETENSORS_INVALID')
      throw notAModelFile(cause.message)
    throw cause
  }
}

function hashMismatch(expected: string, found: string): AppError {
  const message = `The bytes are not those that were asked for: SHA-256 ${found} instead of ${expected}`
  return new AppError('conflict', message, { reason: 'HASH_MISMATCH', details: { expected, found } })
}
