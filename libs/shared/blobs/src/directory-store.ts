import { randomUUID } from 'node:crypto'
import { mkdir, open, opendir, readdir, rename, rm, stat, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { addAbortSignal, Readable } from 'node:stream'
import { AppError } from '@easel/protocol'
import { blobError, blobNotFound, isAbsent, resolveRange } from './blob-errors.ts'
import { algorithms, isBlobKey, parseKey } from './blob-key.ts'
import { maxReadBytes } from './blob-store.ts'
import type { BlobEntry, BlobKey, BlobStore, ByteRange, PutOptions, PutResult } from './blob-store.ts'
import { DirectorySync } from './directory-sync.ts'
import { Intake } from './intake.ts'
import { OpenFiles } from './open-files.ts'

const chunkBytes = 1024 * 1024

/**
 * Layout: `<root>/<algorithm>/<first two digits>/<64 digits>` and `<root>/incoming/<uuid>`, one file system.
 *
 * A write goes: bytes into `incoming`, fsync of the file, rename to the final name, fsync of its directory.
 * A crash before the rename leaves a file in `incoming`, which `sweep` removes when it is old; there is no
 * moment at which a final name holds anything but its content.
 */
export class DirectoryStore implements BlobStore {
  readonly #root: string
  readonly #incoming: string
  readonly #tempMaxAgeMs: number
  readonly #directories = new DirectorySync()
  readonly #files = new OpenFiles()

  private constructor(root: string, tempMaxAgeMs: number) {
    this.#root = root
    this.#incoming = join(root, 'incoming')
    this.#tempMaxAgeMs = tempMaxAgeMs
  }

  static async open(root: string, tempMaxAgeMs: number): Promise<DirectoryStore> {
    const store = new DirectoryStore(root, tempMaxAgeMs)
    try {
      await store.#makeDirectories()
      await store.sweep()
    } catch (cause) {
      throw blobError(cause)
    }
    return store
  }

  async put(source: AsyncIterable<Uint8Array>, options: PutOptions = {}): Promise<PutResult> {
    const intake = new Intake(source, options)
    try {
      const head = await intake.take(chunkBytes)
      return intake.ended ? await this.#putWhole(head, intake) : await this.#putStream(head, intake)
    } catch (cause) {
      intake.abandon()
      throw blobError(cause, options.signal)
    }
  }

  async stat(key: BlobKey): Promise<{ bytes: number } | undefined> {
    const path = this.#pathOf(key)
    try {
      return { bytes: (await stat(path)).size }
    } catch (cause) {
      if (isAbsent(cause)) return undefined
      throw blobError(cause)
    }
  }

  async read(key: BlobKey, range: ByteRange = { start: 0 }): Promise<Readable> {
    const path = this.#pathOf(key)
    range.signal?.throwIfAborted()
    let handle: FileHandle | undefined
    try {
      handle = await open(path, 'r')
      const bytes = (await handle.stat()).size
      const { start, end } = resolveRange(range, bytes)
      if (bytes === 0) {
        await handle.close()
        return Readable.from([])
      }
      const stream = handle.createReadStream({ start, end, highWaterMark: chunkBytes })
      return range.signal ? addAbortSignal(range.signal, stream) : stream
    } catch (cause) {
      await handle?.close()
      throw blobError(cause, range.signal)
    }
  }

  async readBytes(key: BlobKey, range: ByteRange): Promise<Buffer> {
    const path = this.#pathOf(key)
    range.signal?.throwIfAborted()
    try {
      return await this.#files.use(path, async ({ handle, bytes }) => {
        const { start, end } = resolveRange(range, bytes)
        return await readExactly(handle, start, end - start + 1)
      })
    } catch (cause) {
      throw blobError(cause, range.signal)
    }
  }

  async delete(key: BlobKey): Promise<void> {
    const path = this.#pathOf(key)
    try {
      await rm(path, { force: true })
      await this.#files.drop(path)
    } catch (cause) {
      throw blobError(cause)
    }
  }

  // oxlint-disable-next-line require-await -- a malformed key rejects, as everywhere
  async presignGet(key: BlobKey): Promise<undefined> {
    parseKey(key)
  }

  async *list(prefix = ''): AsyncIterable<BlobEntry> {
    for (const algorithm of algorithms) {
      for (const shard of shards) {
        if (!couldHold(`${algorithm}:${shard}`, prefix)) continue
        const directory = join(this.#root, algorithm, shard)
        for await (const { name } of await opendir(directory)) {
          const key = `${algorithm}:${name}`
          if (!key.startsWith(prefix) || !isBlobKey(key)) continue
          const facts = await stat(join(directory, name)).catch(unlessAbsent)
          if (facts) yield { key, bytes: facts.size, modifiedAt: facts.mtime }
        }
      }
    }
  }

  async sweep(): Promise<{ removed: number }> {
    const oldest = Date.now() - this.#tempMaxAgeMs
    let removed = 0
    for (const name of await readdir(this.#incoming)) {
      const path = join(this.#incoming, name)
      const facts = await stat(path).catch(unlessAbsent)
      if (!facts || facts.mtimeMs > oldest) continue
      await rm(path, { force: true })
      removed += 1
    }
    return { removed }
  }

  async check(): Promise<void> {
    const path = join(this.#incoming, randomUUID())
    try {
      await this.#writeTemp(path, async (handle) => await handle.writeFile('easel'))
      const found = await readBack(path)
      if (found !== 'easel') throw new Error('The store does not give back what was written')
    } catch (cause) {
      throw blobError(cause)
    } finally {
      await rm(path, { force: true })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#files[Symbol.asyncDispose]()
  }

  /** All bytes are here, so the key is known before anything touches the disk. */
  async #putWhole(bytes: Buffer, intake: Intake): Promise<PutResult> {
    const key = intake.finish()
    const existing = await this.stat(key)
    if (existing?.bytes === bytes.length) {
      await this.#directories.sync(dirname(this.#pathOf(key))) // its writer may not have come this far yet
      return { key, bytes: bytes.length, existed: true }
    }
    const temp = join(this.#incoming, randomUUID())
    await this.#writeTemp(temp, async (handle) => await writeAll(handle, bytes))
    await this.#publish(temp, key)
    return { key, bytes: bytes.length, existed: false }
  }

  async #putStream(head: Buffer, intake: Intake): Promise<PutResult> {
    const temp = join(this.#incoming, randomUUID())
    let key = ''
    await this.#writeTemp(temp, async (handle) => {
      // One write is under way while the next bytes are received and hashed.
      let writing = writeAll(handle, head)
      for (;;) {
        const [next] = await Promise.all([intake.take(chunkBytes), writing])
        if (next.length === 0) break
        writing = writeAll(handle, next)
      }
      key = intake.finish()
    })
    const existing = await this.stat(key)
    const existed = existing?.bytes === intake.bytes
    await this.#publish(temp, key)
    return { key, bytes: intake.bytes, existed }
  }

  /** Leaves a complete file that is on the disk, or none. */
  async #writeTemp(temp: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
    const handle = await open(temp, 'wx')
    try {
      await write(handle)
      // A failed fsync is final: a second one may report success for pages the kernel has thrown away.
      await handle.sync()
      await handle.close()
    } catch (cause) {
      await handle.close().catch(() => undefined) // the first failure is the one to report
      await unlink(temp)
      throw cause
    }
  }

  async #publish(temp: string, key: BlobKey): Promise<void> {
    const path = this.#pathOf(key)
    try {
      await rename(temp, path)
    } catch (cause) {
      await rm(temp, { force: true })
      throw cause
    }
    await this.#directories.sync(dirname(path))
  }

  #pathOf(key: BlobKey): string {
    const { algorithm, hex } = parseKey(key)
    return join(this.#root, algorithm, hex.slice(0, 2), hex)
  }

  /** All at once and durable, so that a put has one directory to sync and never three. */
  async #makeDirectories(): Promise<void> {
    await mkdir(this.#incoming, { recursive: true })
    for (const algorithm of algorithms) {
      const parent = join(this.#root, algorithm)
      await mkdir(parent, { recursive: true })
      await Promise.all(shards.map((shard) => mkdir(join(parent, shard), { recursive: true })))
      await this.#directories.sync(parent)
    }
    await this.#directories.sync(this.#root)
    await this.#directories.sync(dirname(this.#root))
  }
}

const shards = Array.from({ length: 256 }, (_, index) => index.toString(16).padStart(2, '0'))

const couldHold = (folder: string, prefix: string): boolean =>
  folder.startsWith(prefix) || prefix.startsWith(folder)

/** Between listing and looking, others may have removed the file. */
function unlessAbsent(cause: unknown): undefined {
  if (!isAbsent(cause)) throw cause
}

async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    written += (await handle.write(bytes, written, bytes.length - written)).bytesWritten
  }
}

async function readExactly(handle: FileHandle, start: number, length: number): Promise<Buffer> {
  if (length > maxReadBytes) {
    throw new AppError('invalid', `At most ${maxReadBytes} bytes at once`, { reason: 'RANGE_TOO_LARGE' })
  }
  const bytes = Buffer.allocUnsafe(length)
  let done = 0
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, start + done)
    if (bytesRead === 0) throw blobNotFound() // cut short behind our back: it is not the blob any more
    done += bytesRead
  }
  return bytes
}

async function readBack(path: string): Promise<string> {
  await using handle = await open(path, 'r')
  return await handle.readFile('utf8')
}
