import { mkdir, open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { AppError } from '@easel/protocol'
import type { PartialReply, PartialTask } from './partial-messages.ts'

const bufferBytes = 1024 * 1024
/** More would only be memory: the thread is the slower side, or the network is. */
const mostBuffers = 8

/**
 * The file of an unfinished transfer. Bytes are gathered into buffers of 1 MiB and go to a thread that writes
 * and hashes them, so the event loop does neither. A failure (a full disk) is thrown by every later call.
 */
export class PartialFile implements AsyncDisposable {
  readonly #worker: Worker
  readonly #handle: FileHandle
  readonly #free: ArrayBuffer[] = []
  #made = 0
  #current: Uint8Array | undefined
  #fill = 0
  #reply = Promise.withResolvers<PartialReply>()
  #room = Promise.withResolvers<void>()
  #failure: AppError | undefined
  #received = 0
  #written = 0
  #durable = 0

  private constructor(worker: Worker, handle: FileHandle) {
    this.#worker = worker
    this.#handle = handle
    worker.on('message', (reply: PartialReply) => this.#take(reply))
    worker.on('error', (cause) => this.#fail(new AppError('internal', 'Internal error', { cause })))
    // Nobody may be waiting when it fails.
    this.#reply.promise.catch(() => undefined)
    this.#room.promise.catch(() => undefined)
  }

  /** Keeps the first `keep` bytes of what is there, which are read once to go on hashing. */
  static async open(path: string, keep: number, signal: AbortSignal): Promise<PartialFile> {
    await mkdir(dirname(path), { recursive: true })
    const handle = await open(path, 'a')
    const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
    const worker = new Worker(new URL(`./partial.worker${extension}`, import.meta.url), { execArgv: [] })
    const partial = new PartialFile(worker, handle)
    const abort = () => partial.#fail(AppError.from(signal.reason))
    signal.addEventListener('abort', abort, { once: true })
    try {
      signal.throwIfAborted()
      await partial.#ask({ kind: 'open', path, keep })
      partial.#durable = partial.#written
      signal.removeEventListener('abort', abort)
      return partial
    } catch (cause) {
      await partial[Symbol.asyncDispose]()
      throw cause
    }
  }

  /** Bytes handed in, from the start of the file. */
  get received(): number {
    return this.#received
  }

  /** Bytes that are written and hashed. */
  get written(): number {
    return this.#written
  }

  /** Bytes that are surely on the disk. */
  get durable(): number {
    return this.#durable
  }

  /** Gives a promise only when all buffers are full. */
  append(chunk: Uint8Array): Promise<void> | undefined {
    let at = 0
    while (at < chunk.length) {
      if (this.#failure) throw this.#failure
      this.#current ??= this.#buffer()
      if (!this.#current) {
        const rest = chunk.subarray(at)
        return this.#room.promise.then(() => this.append(rest))
      }
      const length = Math.min(chunk.length - at, bufferBytes - this.#fill)
      this.#current.set(chunk.subarray(at, at + length), this.#fill)
      this.#fill += length
      this.#received += length
      at += length
      if (this.#fill === bufferBytes) this.#send()
    }
    return undefined
  }

  /** Resolves to how many bytes are surely on the disk. Writing goes on meanwhile. */
  async sync(): Promise<number> {
    if (this.#failure) throw this.#failure
    this.#send()
    const written = this.#written
    if (written > this.#durable) await this.#handle.datasync()
    this.#durable = written
    return written
  }

  /** Writes out what was handed in, and waits for it. */
  async flush(): Promise<void> {
    this.#send()
    while (this.#written < this.#received) {
      if (this.#failure) throw this.#failure
      await this.#room.promise
    }
  }

  async restart(): Promise<void> {
    await this.flush()
    await this.#ask({ kind: 'restart' })
    this.#durable = 0
  }

  /** Nothing can be appended after it. The bytes are on the disk then. */
  async finish(): Promise<{ sha256: string; bytes: number }> {
    this.#send()
    const reply = await this.#ask({ kind: 'finish' })
    await this.#handle.sync()
    if (reply.kind !== 'finished') throw new AppError('internal', 'The partial file did not finish')
    return { sha256: reply.sha256, bytes: reply.bytes }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#fail(new AppError('unavailable', 'The partial file was closed'))
    await this.#worker.terminate()
    await this.#handle.close()
  }

  #buffer(): Uint8Array | undefined {
    const free = this.#free.pop()
    if (free) return new Uint8Array(free)
    if (this.#made === mostBuffers) return undefined
    this.#made += 1
    return new Uint8Array(bufferBytes)
  }

  #send(): void {
    if (!this.#current || this.#fill === 0) return
    const buffer = this.#current.buffer as ArrayBuffer
    this.#worker.postMessage({ kind: 'write', buffer, length: this.#fill } satisfies PartialTask, [buffer])
    this.#current = undefined
    this.#fill = 0
  }

  /** One question at a time; writes are answered on the side. */
  async #ask(task: PartialTask): Promise<PartialReply> {
    if (this.#failure) throw this.#failure
    this.#reply = Promise.withResolvers()
    this.#worker.postMessage(task)
    const reply = await this.#reply.promise
    if (reply.kind === 'opened') this.#received = this.#written = reply.bytes
    return reply
  }

  #take(reply: PartialReply): void {
    if (reply.kind === 'failed') return this.#fail(fromDisk(reply))
    if (reply.kind !== 'written') return this.#reply.resolve(reply)
    this.#written += reply.length
    this.#free.push(reply.buffer)
    this.#room.resolve()
    this.#room = Promise.withResolvers()
    this.#room.promise.catch(() => undefined)
  }

  #fail(failure: AppError): void {
    this.#failure ??= failure
    this.#reply.promise.catch(() => undefined)
    this.#reply.reject(this.#failure)
    this.#room.reject(this.#failure)
  }
}

function fromDisk({ code, message }: { code: string; message: string }): AppError {
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(message)
  return new AppError('internal', `The disk refused the file (${code})`, {
    reason: 'DISK_FAILED',
    cause: message,
  })
}

export function diskFull(cause?: unknown): AppError {
  const text = 'There is too little space left on the disk of the models'
  return new AppError('conflict', text, { reason: 'DISK_FULL', cause })
}
