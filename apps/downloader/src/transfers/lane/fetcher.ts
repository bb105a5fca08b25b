import { parseContentRange } from '../../sources/content-range.ts'
import { BodySink } from './body-sink.ts'
import type { FetchOutcome, FetchPlan, FileVersion } from './lane-messages.ts'
import type { PartialWriter } from './partial-writer.ts'
import { RangeConnection } from './range-connection.ts'
import type { Range } from './range-set.ts'
import type { ResponseHead } from './response-head.ts'

export type FetcherOwner = {
  readonly plan: FetchPlan
  readonly writer: PartialWriter
  /** False: no more for now; `resume` is called. */
  onBytes(fetcher: Fetcher, bytes: number): boolean
  /** Its range is done: it is given another or closed. */
  onIdle(fetcher: Fetcher): void
  /** The server does not give the range. */
  onRefusal(fetcher: Fetcher, outcome: FetchOutcome): void
  /** A part that will not come over this connection. */
  release(range: Range): void
  onClose(fetcher: Fetcher, cause: Error | undefined): void
}

const none = new Uint8Array(0)

/** A connection and the range it is to bring, the end of which may come nearer while it runs. */
export class Fetcher {
  readonly #owner: FetcherOwner
  readonly #sink: BodySink
  readonly #connection: RangeConnection
  #end = 0
  #asked = 0
  #waits = false
  /** Bytes over this connection. */
  received = 0
  /** Ranges that it brought whole. */
  brought = 0
  /** Bytes a second, lately. */
  rate = 0
  lastAt = performance.now()
  askedAt = 0
  /** From a request to its answer, the last time. */
  answeredMs = Number.POSITIVE_INFINITY
  counted = { bytes: 0, at: performance.now() }
  window = { bytes: 0, at: performance.now() }

  constructor(owner: FetcherOwner, address: string) {
    this.#owner = owner
    this.#sink = new BodySink(owner.writer)
    this.#connection = new RangeConnection(owner.plan.target, address, {
      onHead: (head) => this.#judge(head),
      room: (most) => this.#room(most),
      onBytes: (bytes) => this.#took(bytes),
      onEnd: () => this.#done(),
      onClose: (cause) => this.#closed(cause),
    })
  }

  get usable(): boolean {
    return this.#connection.usable
  }

  /** Of its range; infinite where the end is not known. */
  get left(): number {
    return Math.max(0, this.#end - this.#sink.at)
  }

  get at(): number {
    return this.#sink.at
  }

  /** Held back by this side. */
  get waits(): boolean {
    return this.#waits
  }

  get waitsForAnswer(): boolean {
    return this.#connection.waiting
  }

  fetch({ start, end }: Range): void {
    const { ranged, version } = this.#owner.plan
    this.#sink.start(start)
    this.#end = this.#asked = end
    this.askedAt = this.lastAt = performance.now()
    this.window = { bytes: this.received, at: this.lastAt }
    this.#connection.ask(ranged ? { Range: `bytes=${start}-${end - 1}`, ...condition(version) } : {})
  }

  /** Gives what lies behind to another. */
  cutAt(end: number): void {
    this.#end = Math.max(this.#sink.at, Math.min(this.#end, end))
    if (this.left === 0) this.close()
  }

  resume(): void {
    this.#waits = false
    this.lastAt = performance.now()
    this.#connection.resume()
  }

  flushIdle(nowMs: number): void {
    this.#sink.flushIdle(nowMs, 500)
  }

  close(cause?: Error): void {
    this.#connection.close(cause)
  }

  #room(most: number): Uint8Array {
    return this.left === 0 ? none : this.#sink.room(Math.min(most, this.left))
  }

  #took(bytes: number): boolean {
    this.lastAt = performance.now()
    this.received += bytes
    this.#sink.filled(bytes, this.lastAt)
    // The server goes on sending what another brings now: only closing stops it.
    if (this.left === 0 && this.#end < this.#asked) {
      this.close()
      return false
    }
    if (this.#owner.onBytes(this, bytes)) return true
    this.#waits = true
    return false
  }

  #done(): void {
    this.#sink.flush()
    // Only where nobody has said how long it is a body ends where it ends.
    if (!Number.isFinite(this.#end)) this.#end = this.#sink.at
    if (this.left > 0) return this.close(new Error('The server broke off before the end'))
    this.brought += 1
    this.#owner.onIdle(this)
  }

  #closed(cause: Error | undefined): void {
    let failure = cause
    try {
      this.#sink.flush()
    } catch (error) {
      failure = error as Error
    }
    this.#sink.drop()
    this.#owner.release({ start: this.#sink.at, end: this.#end })
    this.#owner.onClose(this, failure)
  }

  #judge(head: ResponseHead): boolean {
    this.answeredMs = performance.now() - this.askedAt
    const outcome = this.#owner.plan.ranged ? this.#judgeRange(head) : this.#judgeWhole(head)
    if (!outcome) return true
    this.#owner.onRefusal(this, outcome)
    return false
  }

  #judgeRange(head: ResponseHead): FetchOutcome | undefined {
    const { version } = this.#owner.plan
    if (head.status !== 206)
      return head.status === 200 || head.status === 416 ? { kind: 'changed' } : refused(head)
    const coded = unusable(head)
    if (coded) return coded
    const range = parseContentRange(head.headers['content-range'])
    if (range?.start !== this.#sink.at || range.end === undefined || range.end >= this.#asked)
      return { kind: 'unusable', message: 'The server gives another part of the file than it was asked for' }
    if ((range.total !== undefined && range.total !== version.total) || !isSame(version, head))
      return { kind: 'changed' }
    const length = head.headers['content-length']
    if (length !== undefined && Number(length) !== range.end + 1 - range.start)
      return { kind: 'unusable', message: 'The length of the answer contradicts its range' }
    const end = range.end + 1
    // A server may give less than it was asked for.
    if (end < this.#end) this.#owner.release({ start: end, end: this.#end })
    this.#end = Math.min(this.#end, end)
    this.#asked = end
    return undefined
  }

  #judgeWhole(head: ResponseHead): FetchOutcome | undefined {
    const { version } = this.#owner.plan
    if (head.status !== 200) return refused(head)
    const length = head.headers['content-length']
    if (length !== undefined && version.total !== null && Number(length) !== version.total)
      return { kind: 'changed' }
    return isSame(version, head) ? unusable(head) : { kind: 'changed' }
  }
}

/** A weak tag may not stand in If-Range; every answer is compared with it instead. */
function condition({ etag, lastModified }: FileVersion): Record<string, string> {
  const validator = etag !== null && !etag.startsWith('W/') ? etag : lastModified
  return validator === null ? {} : { 'If-Range': validator }
}

function isSame({ etag, lastModified }: FileVersion, { headers }: ResponseHead): boolean {
  const differs = (a: string | null, b: string | undefined) => a !== null && b !== undefined && a !== b
  if (differs(etag, headers.etag)) return false
  // Servers behind one name agree on the tag, and not always on the date.
  return (etag !== null && etag === headers.etag) || !differs(lastModified, headers['last-modified'])
}

function unusable({ headers }: ResponseHead): FetchOutcome | undefined {
  const coding = headers['content-encoding']
  if (coding !== undefined && coding.toLowerCase() !== 'identity')
    return { kind: 'unusable', message: 'The server sends the file compressed, although it was asked not to' }
  if (/^\s*multipart\//i.test(headers['content-type'] ?? ''))
    return { kind: 'unusable', message: 'The server sends several parts where one was asked for' }
  return undefined
}

const refused = ({ status, headers }: ResponseHead): FetchOutcome => ({
  kind: 'refused',
  status,
  retryAfter: headers['retry-after'] ?? null,
})
