import { MessageChannel, Worker } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { slotBytes, slotCount } from './lane-messages.ts'
import type { LaneMemory, LaneReply, LaneTask } from './lane-messages.ts'

/** Small: a thread of these holds buffers, not objects. */
const resourceLimits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 2 }

/**
 * Two threads: one that fetches and writes, one that hashes. They serve any number of files; what goes between them
 * is not seen here.
 */
export class Lane {
  readonly #threads: readonly [Worker, Worker]
  readonly #listeners = new Map<number, (reply: LaneReply) => void>()
  #failure: Error | undefined

  constructor() {
    const { port1, port2 } = new MessageChannel()
    const slots = new SharedArrayBuffer(slotBytes * slotCount)
    this.#threads = [startThread('fetch', slots, port1), startThread('hash', slots, port2)]
    this.#threads[0].on('message', (reply: LaneReply) => this.#listeners.get(reply.id)?.(reply))
    for (const thread of this.#threads) {
      thread.unref()
      thread.on('error', (cause) => this.#fail(cause as Error))
      thread.on('exit', () => this.#fail(new Error('A thread of the transfers ended')))
    }
  }

  get files(): number {
    return this.#listeners.size
  }

  get broken(): boolean {
    return this.#failure !== undefined
  }

  listen(id: number, listener: (reply: LaneReply) => void): void {
    this.#listeners.set(id, listener)
    // Idle threads do not keep the process alive.
    this.#threads[0].ref()
  }

  forget(id: number): void {
    this.#listeners.delete(id)
    if (this.#listeners.size === 0) this.#threads[0].unref()
  }

  tell(task: LaneTask): void {
    this.#threads[0].postMessage(task)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()))
  }

  #fail(cause: Error): void {
    if (this.#failure) return
    this.#failure = cause
    for (const [id, listener] of this.#listeners)
      listener({ kind: 'failed', id, code: 'THREAD_ENDED', message: cause.message })
    for (const thread of this.#threads) void thread.terminate()
  }
}

function startThread(name: 'fetch' | 'hash', slots: SharedArrayBuffer, port: MessagePort): Worker {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
  const workerData: LaneMemory = { slots, port }
  return new Worker(new URL(`./${name}.worker${extension}`, import.meta.url), {
    execArgv: [],
    workerData,
    transferList: [port],
    resourceLimits,
    name: `transfers-${name}`,
  })
}
