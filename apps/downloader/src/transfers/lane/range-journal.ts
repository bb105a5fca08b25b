import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs'
import { promisify } from 'node:util'
import { holderHere, isGone } from './holder.ts'
import type { Holder } from './holder.ts'
import type { FileVersion } from './lane-messages.ts'
import { RangeSet } from './range-set.ts'
import type { Range } from './range-set.ts'

/** Finished ranges are noted in these; a kill loses less than one for each connection. */
export const blockBytes = 256 * 1024
const headBytes = 4 * 1024
const written = 1
const synced = 2
const sync = promisify(fdatasync)

/** `holder`: who has the file open; null when it was closed in order. */
type Head = { journal: 1; boot: string; version: FileVersion; holder?: Holder | null }

/** Of a file that somebody else had. */
export type FoundJournal = {
  ranges: readonly Range[]
  /** A process that may live still, frozen perhaps, can write to the file whenever it wakes. */
  letGo: boolean
}

/**
 * Which blocks of a partial file are there: a file of its own beside it, with a head and one byte for each block.
 * A block is `written` when the system has it (which a kill does not undo), `synced` when the disk has it (which a
 * power cut does not undo either). Another boot believes only the latter.
 */
export class RangeJournal {
  readonly #file: number
  readonly #boot: string
  #marks = new Uint8Array(0)
  #total = 0
  #version: FileVersion | null = null
  #holder: Holder | null

  constructor(path: string, boot: string) {
    this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644)
    this.#boot = boot
    this.#holder = holderHere(boot)
  }

  get version(): FileVersion | null {
    return this.#version
  }

  /** Reads what is there, as far as it can be believed, into `done`. */
  load(done: RangeSet, fileBytes: number): void {
    const head = readHead(this.#file)
    const total = head?.version.total
    if (!head || typeof total !== 'number') return
    this.#size(total)
    for (const { block, mark, start, end } of believed(this.#file, head, this.#boot)) {
      if (end > fileBytes) break
      this.#marks[block] = mark
      done.add(start, end)
    }
    // What is not believed must be gone before the head says that all of it is of this boot.
    if (this.#marks.length > 0) this.#save(0, this.#marks.length)
    this.#write(head.version)
  }

  /** For another file; none of its blocks is there. On the disk before a byte of it is. */
  restart(version: FileVersion): void {
    ftruncateSync(this.#file, 0)
    this.#size(version.total ?? 0)
    ftruncateSync(this.#file, headBytes + this.#marks.length)
    this.#write(version)
    fdatasyncSync(this.#file)
  }

  /** The same bytes, with what another server says of them. */
  rename(version: FileVersion): void {
    this.#write(version)
  }

  /** Notes the blocks that have become whole by this range. */
  mark(start: number, end: number, done: RangeSet): void {
    if (this.#marks.length === 0) return
    const covered = done.endFrom(start)
    const first = Math.floor(start / blockBytes)
    for (let block = first; block * blockBytes < end; block++) {
      const whole =
        Math.min(this.#total, (block + 1) * blockBytes) <= covered &&
        (block > first || done.has(block * blockBytes, end))
      if (!whole || this.#marks[block] !== 0) continue
      this.#marks[block] = written
      this.#save(block, block + 1)
    }
  }

  /** Syncs the file, and then notes as synced what was written before. */
  async sync(file: number): Promise<void> {
    const before = this.#marks.slice()
    const marks = this.#marks
    if (!before.includes(written)) return
    await sync(file)
    if (marks !== this.#marks) return
    before.forEach((mark, block) => {
      if (mark === written) marks[block] = synced
    })
    this.#save(before.indexOf(written), before.lastIndexOf(written) + 1)
    await sync(this.#file)
  }

  /** After the last byte: whoever comes next need not fear that more is written. */
  close(): void {
    try {
      this.#holder = null
      if (this.#version) this.#write(this.#version)
    } finally {
      closeSync(this.#file)
    }
  }

  #size(total: number): void {
    this.#total = total
    this.#marks = new Uint8Array(Math.ceil(total / blockBytes))
  }

  #write(version: FileVersion): void {
    this.#version = version
    const head: Head = { journal: 1, boot: this.#boot, version, holder: this.#holder }
    const bytes = Buffer.alloc(headBytes, ' ')
    bytes.write(JSON.stringify(head))
    writeSync(this.#file, bytes, 0, headBytes, 0)
  }

  #save(from: number, to: number): void {
    writeSync(this.#file, this.#marks, from, to - from, headBytes + from)
  }
}

/** What the journal beside a file says of it that this process does not hold; undefined where it says nothing. */
export function findJournal(path: string, boot: string): FoundJournal | undefined {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw cause
  }
  try {
    const head = readHead(file)
    if (!head) return undefined
    const done = new RangeSet()
    for (const { start, end } of believed(file, head, boot)) done.add(start, end)
    const { holder } = head
    const letGo = holder === null || (holder !== undefined && isGone(holder, boot))
    return { ranges: done.ranges, letGo }
  } finally {
    closeSync(file)
  }
}

function* believed(file: number, { boot, version }: Head, here: string) {
  const total = version.total ?? 0
  const marks = new Uint8Array(Math.ceil(total / blockBytes))
  readSync(file, marks, 0, marks.length, headBytes)
  const least = boot === here ? written : synced
  for (const [block, mark] of marks.entries()) {
    const start = block * blockBytes
    if (mark >= least && mark <= synced)
      yield { block, mark, start, end: Math.min(total, start + blockBytes) }
  }
}

function readHead(file: number): Head | undefined {
  const bytes = Buffer.alloc(headBytes)
  if (fstatSync(file).size < headBytes || readSync(file, bytes, 0, headBytes, 0) < headBytes) return undefined
  try {
    const head = JSON.parse(bytes.toString()) as Head
    return head.journal === 1 && Number.isSafeInteger(head.version.total) ? head : undefined
  } catch {
    // Torn, or none of ours: the file is begun anew.
    return undefined
  }
}
