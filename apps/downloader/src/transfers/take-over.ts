import { constants } from 'node:fs'
import { copyFile, open, rename, rm, stat } from 'node:fs/promises'
import { AppError } from '@easel/protocol'
import { diskFault } from './disk-space.ts'
import type { DiskSpace } from './disk-space.ts'
import { findJournal } from './lane/range-journal.ts'
import type { Range } from './lane/range-set.ts'

export type Pair = { path: string; journal: string }

export type TakingOver = {
  boot: string
  space: DiskSpace
  signal: AbortSignal
  /** Its bytes were all verified when it had this length. */
  verifiedBytes: number | null
}

const pieceBytes = 4 * 1024 * 1024

/**
 * Makes another claim's unfinished file this claim's. Where the process that wrote it has closed it or is gone, by
 * another name. Where it may live still (frozen, it would write on whenever it wakes), by a copy: its handles lead to
 * the file that was, which has no name then. The journal is copied always, and the name comes last, so that a crash
 * in between leaves the earlier pair, or both.
 */
export async function takeOver(from: Pair, to: Pair, { boot, space, signal, verifiedBytes }: TakingOver) {
  const { size } = await stat(from.path)
  const found = findJournal(from.journal, boot)
  const isWhole = verifiedBytes !== null && size === verifiedBytes
  if (!found && !isWhole) return
  const ranges = isWhole ? [{ start: 0, end: size }] : found!.ranges
  await rm(to.journal, { force: true })
  if (found) await copyFile(from.journal, to.journal)
  if (found?.letGo) return await rename(from.path, to.path)
  try {
    await space.require(ranges.reduce((sum, { start, end }) => sum + end - start, 0))
  } catch (cause) {
    // Rather anew than not at all: what is there makes room.
    if (cause instanceof AppError && cause.reason === 'DISK_FULL') return
    throw cause
  }
  const copy = `${to.path}.copy`
  await rm(copy, { force: true })
  await copyOf(from.path, copy, { ranges, signal })
  await rename(copy, to.path)
}

type Copying = { ranges: readonly Range[]; signal: AbortSignal }

async function copyOf(from: string, to: string, { ranges, signal }: Copying): Promise<void> {
  try {
    // Takes neither time nor space, on file systems that can.
    await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE)
  } catch {
    await copyRanges(from, to, { ranges, signal })
  }
}

/** What lies between them stays a hole. */
async function copyRanges(from: string, to: string, { ranges, signal }: Copying): Promise<void> {
  await using source = await open(from, 'r')
  await using target = await open(to, 'w', 0o644)
  const buffer = Buffer.allocUnsafe(pieceBytes)
  try {
    for (const { start, end } of ranges) {
      for (let at = start; at < end;) {
        signal.throwIfAborted()
        const { bytesRead } = await source.read(buffer, 0, Math.min(pieceBytes, end - at), at)
        if (bytesRead === 0) throw new Error('The partial file is shorter than its journal says')
        for (let put = 0; put < bytesRead;)
          put += (await target.write(buffer, put, bytesRead - put, at + put)).bytesWritten
        at += bytesRead
      }
    }
    // The journal calls some of it synced.
    await target.datasync()
  } catch (cause) {
    signal.throwIfAborted()
    const { code = 'UNKNOWN', message } = cause as NodeJS.ErrnoException
    throw diskFault({ code, message })
  }
}
