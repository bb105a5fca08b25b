import { AppError } from '@easel/protocol'
import type { Bandwidth } from '../bandwidth.ts'
import { diskFault } from '../disk-space.ts'
import type { Lane } from './lane.ts'
import type { FetchOutcome, FetchPlan, FileVersion, LaneReply, LaneTask } from './lane-messages.ts'

type Question = Extract<LaneTask, { kind: 'open' | 'begin' | 'fetch' | 'finish' | 'close' }>
type Answer<K extends LaneReply['kind']> = Extract<LaneReply, { kind: K }>
type OpenFile = { path: string; journal: string; boot: string; bandwidth: Bandwidth; signal: AbortSignal }

let lastId = 0

/**
 * A partial file in the hands of a lane. One question at a time. What fails on the disk, and an abort, fails the
 * question; what the network does is an outcome.
 */
export class LaneFile implements AsyncDisposable {
  readonly #lane: Lane
  readonly #id = ++lastId
  readonly #bandwidth: Bandwidth
  readonly #signal: AbortSignal
  readonly #closing = new AbortController()
  #answer: PromiseWithResolvers<LaneReply> | undefined
  #expected: LaneReply['kind'] | undefined
  #failure: Error | undefined
  #version: FileVersion | null = null
  #done = 0
  #connections = 0
  #limited = false

  private constructor(lane: Lane, { bandwidth, signal }: OpenFile) {
    this.#lane = lane
    this.#bandwidth = bandwidth
    this.#signal = AbortSignal.any([signal, this.#closing.signal])
    lane.listen(this.#id, (reply) => this.#take(reply))
    this.#signal.addEventListener('abort', this.#abort, { once: true })
  }

  /** What was fetched before, and can be relied on, is kept; hashing it goes on beside what follows. */
  static async open(lane: Lane, file: OpenFile): Promise<LaneFile> {
    const opened = new LaneFile(lane, file)
    try {
      const { path, journal, boot } = file
      const { version, done } = await opened.#ask(
        { kind: 'open', id: opened.#id, path, journal, boot },
        'opened',
      )
      opened.#version = version
      opened.#done = done
      return opened
    } catch (cause) {
      await opened[Symbol.asyncDispose]()
      throw cause
    }
  }

  /** What the bytes are of; null where there are none. */
  get version(): FileVersion | null {
    return this.#version
  }

  /** Bytes that are in the file. */
  get done(): number {
    return this.#done
  }

  get connections(): number {
    return this.#connections
  }

  get whole(): boolean {
    return (
      this.#version?.total !== undefined &&
      this.#version?.total !== null &&
      this.#done === this.#version.total
    )
  }

  /** `keep` says that the bytes that are there are of this version too. */
  async begin(version: FileVersion, keep: boolean): Promise<void> {
    await this.#ask({ kind: 'begin', id: this.#id, version, keep }, 'begun')
    this.#version = version
    if (!keep) this.#done = 0
  }

  async fetch(plan: Omit<FetchPlan, 'limited'>): Promise<FetchOutcome> {
    this.#limited = this.#bandwidth.limited
    const watching = setInterval(() => this.#watchLimit(), 250)
    try {
      const question = { kind: 'fetch' as const, id: this.#id, plan: { ...plan, limited: this.#limited } }
      return (await this.#ask(question, 'ended')).outcome
    } finally {
      clearInterval(watching)
    }
  }

  /** The most connections from now on. */
  allow(connections: number): void {
    this.#lane.tell({ kind: 'allow', id: this.#id, connections })
  }

  /** When all bytes are there. `sync`: they are on the disk then. */
  finish(sync: boolean): Promise<{ sha256: string; bytes: number }> {
    return this.#ask({ kind: 'finish', id: this.#id, sync }, 'finished')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener('abort', this.#abort)
    this.#closing.abort()
    this.#failure = undefined
    if (!this.#lane.broken) await this.#ask({ kind: 'close', id: this.#id }, 'closed').catch(ignore)
    this.#lane.forget(this.#id)
  }

  /** The reason goes to who asked as it is: whether it was a stop is told by it. */
  readonly #abort = () => this.#fail(this.#signal.reason as Error)

  async #ask<K extends LaneReply['kind']>(question: Question, kind: K): Promise<Answer<K>> {
    if (this.#failure) throw this.#failure
    this.#answer = Promise.withResolvers()
    this.#expected = kind
    this.#lane.tell(question)
    return (await this.#answer.promise) as Answer<K>
  }

  #take(reply: LaneReply): void {
    if (reply.kind === 'progress') {
      this.#done = reply.done
      this.#connections = reply.connections
    } else if (reply.kind === 'want') {
      void this.#grant(reply.bytes)
    } else if (reply.kind === 'failed') {
      this.#fail(diskFault(reply))
    } else if (reply.kind === this.#expected) {
      this.#answer?.resolve(reply)
    }
  }

  async #grant(bytes: number): Promise<void> {
    try {
      await this.#bandwidth.take(bytes, this.#signal)
      this.#lane.tell({ kind: 'grant', id: this.#id, bytes })
    } catch (cause) {
      if (!this.#signal.aborted) this.#fail(AppError.from(cause))
    }
  }

  #watchLimit(): void {
    const { limited } = this.#bandwidth
    if (limited === this.#limited) return
    this.#limited = limited
    this.#lane.tell({ kind: 'limit', id: this.#id, limited })
  }

  #fail(failure: Error): void {
    this.#failure ??= failure
    // Nobody may be waiting.
    this.#answer?.promise.catch(ignore)
    this.#answer?.reject(this.#failure)
  }
}

const ignore = () => undefined
