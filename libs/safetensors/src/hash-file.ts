import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { AppError } from '@easel/protocol'
import type { HashProgress, HashReply, HashTask } from './hash-task.ts'
import { workerUrl } from './worker-url.ts'

export type HashOptions = {
  algorithm?: 'sha256'
  /** First byte to hash. Default 0. */
  start?: number
  /** Hash what begins at this byte by itself, too, in the same pass: `dataHash`. Not before `start`. */
  dataStart?: number
  /** Bytes hashed so far, every 32 MiB. */
  onProgress?: (progress: HashProgress) => void
  signal?: AbortSignal
}

export type { HashProgress } from './hash-task.ts'

export type FileHash = {
  /** 64 hex digits, lower case. */
  hash: string
  bytes: number
  /** Of the bytes from `dataStart` on, where that was given. */
  dataHash?: string
}

/** A pool of threads that hash files; further files wait their turn. */
export interface Hasher extends AsyncDisposable {
  /** `not_found` / `FILE_NOT_FOUND`; any other failure to read is `unavailable` / `FILE_UNREADABLE`. */
  hashFile(path: string, options?: HashOptions): Promise<FileHash>
}

/** `threads`: default the number of cores less one, at least one and at most four. Started when needed. */
export function createHasher({ threads = defaultThreads() }: { threads?: number } = {}): Hasher {
  return new HashPool(threads)
}

/** One file with a thread of its own; for many files use `createHasher`. */
export async function hashFile(path: string, options: HashOptions = {}): Promise<FileHash> {
  await using hasher = createHasher({ threads: 1 })
  return await hasher.hashFile(path, options)
}

const defaultThreads = (): number => Math.min(4, Math.max(1, availableParallelism() - 1))

type Waiting = { take(worker: Worker): void; fail(cause: unknown): void }

/**
 * A worker is idle (in `#idle`, does not keep the process alive) or has exactly one file. One that breaks is
 * not given another: the next file starts a new one.
 */
class HashPool implements Hasher {
  readonly #threads: number
  readonly #idle: Worker[] = []
  readonly #all = new Set<Worker>()
  readonly #waiting: Waiting[] = []
  #closed = false

  constructor(threads: number) {
    this.#threads = threads
  }

  async hashFile(path: string, options: HashOptions = {}): Promise<FileHash> {
    options.signal?.throwIfAborted()
    const worker = await this.#acquire(options.signal)
    try {
      return await hashIn(worker, path, options)
    } finally {
      this.#release(worker)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    for (const waiting of this.#waiting.splice(0)) waiting.fail(closed())
    await Promise.all([...this.#all].map((worker) => worker.terminate()))
  }

  #acquire(signal: AbortSignal | undefined): Promise<Worker> {
    if (this.#closed) return Promise.reject(closed())
    const worker = this.#idle.pop() ?? (this.#all.size < this.#threads ? this.#start() : undefined)
    if (worker) {
      worker.ref()
      return Promise.resolve(worker)
    }
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
        reject(signal?.reason as Error)
      }
      const waiting: Waiting = {
        take: (free) => {
          signal?.removeEventListener('abort', abort)
          resolve(free)
        },
        fail: reject,
      }
      signal?.addEventListener('abort', abort, { once: true })
      this.#waiting.push(waiting)
    })
  }

  #start(): Worker {
    const worker = new Worker(workerUrl('hash'), { execArgv: [] })
    this.#all.add(worker)
    worker.once('exit', () => this.#all.delete(worker))
    // The file it had is told by `hashIn`; here it only must not end the process.
    worker.on('error', () => this.#all.delete(worker))
    return worker
  }

  #release(worker: Worker): void {
    const next = this.#waiting.shift()
    if (this.#all.has(worker)) {
      if (next) return next.take(worker)
      worker.unref()
      this.#idle.push(worker)
    } else if (next && !this.#closed) next.take(this.#start())
    else next?.fail(closed())
  }
}

async function hashIn(worker: Worker, path: string, options: HashOptions): Promise<FileHash> {
  const { start = 0, dataStart, onProgress, signal } = options
  const stop = new SharedArrayBuffer(4)
  const abort = () => Atomics.store(new Int32Array(stop), 0, 1)
  let failure: unknown
  const { promise, resolve, reject } = Promise.withResolvers<FileHash>()
  /** A listener that throws fails its own hash, and only that. */
  const tell = (progress: HashProgress) => {
    try {
      onProgress?.(progress)
    } catch (cause) {
      failure = cause
      abort()
    }
  }
  const onMessage = ({ progress, failed, stopped, hash = '', dataHash, bytes = 0 }: HashReply) => {
    if (progress) tell(progress)
    else if (failed) reject(unreadable(failed))
    else if (stopped) reject((failure ?? signal?.reason) as Error)
    else resolve({ hash, bytes, ...(dataHash !== undefined && { dataHash }) })
  }
  const onExit = () => reject(closed())
  worker.on('message', onMessage).once('error', reject).once('exit', onExit)
  signal?.addEventListener('abort', abort, { once: true })
  worker.postMessage({ path, start, dataStart, stop } satisfies HashTask)
  try {
    return await promise
  } finally {
    signal?.removeEventListener('abort', abort)
    worker.off('message', onMessage).off('error', reject).off('exit', onExit)
  }
}

const closed = () => new AppError('unavailable', 'The hasher was closed', { reason: 'HASHER_CLOSED' })

const unreadable = ({ code, message }: { code: string; message: string }): AppError =>
  code === 'ENOENT'
    ? new AppError('not_found', 'No such file', { reason: 'FILE_NOT_FOUND', cause: message })
    : new AppError('unavailable', 'The file cannot be read', { reason: 'FILE_UNREADABLE', cause: message })
