import { WebSocket } from 'ws'
import type { ClientNotice } from './client-options.ts'
import { readBinaryFrame, readTextFrame, type ImageFrame, type TextFrame } from './frames.ts'

export type SocketHandlers = {
  onText(frame: TextFrame): void
  onImage(frame: ImageFrame): void
  /** Opened or lost: whatever happened meanwhile must be looked up. */
  onChange(connected: boolean): void
  onNotice(notice: ClientNotice): void
}

export type SocketOptions = {
  url: string
  headers: Record<string, string>
  frameBytes: number
  handshakeMs: number
}

const firstDelayMs = 100
const lastDelayMs = 5_000
const pingEveryMs = 5_000

/**
 * One socket that is kept open: `idle` → (connect) → `opening` → `open` → (lost) → `waiting` → `opening` …
 * until `closed`. Agreed features are per connection, so they are the first message of each.
 */
export class ComfySocket implements Disposable {
  readonly #options: SocketOptions
  readonly #handlers: SocketHandlers
  #socket: WebSocket | undefined
  #state: 'idle' | 'opening' | 'open' | 'waiting' | 'closed' = 'idle'
  #attempt = 0
  #retry: NodeJS.Timeout | undefined
  #ping: NodeJS.Timeout | undefined
  #waiters: { done: (open: boolean) => void; patient: boolean }[] = []

  constructor(options: SocketOptions, handlers: SocketHandlers) {
    this.#options = options
    this.#handlers = handlers
  }

  get connected(): boolean {
    return this.#state === 'open'
  }

  /** Opens it if nobody did; true once open, false after `waitMs`, or at once after a failure to an impatient one. */
  connect(waitMs: number, patient = true): Promise<boolean> {
    if (this.#state === 'open') return Promise.resolve(true)
    if (this.#state === 'closed') return Promise.resolve(false)
    const opened = new Promise<boolean>((resolve) => {
      const done = (open: boolean) => {
        clearTimeout(timer)
        this.#waiters = this.#waiters.filter((waiter) => waiter.done !== done)
        resolve(open)
      }
      const timer = setTimeout(done, waitMs, false)
      this.#waiters.push({ done, patient })
    })
    if (this.#state === 'idle') this.#open()
    else if (this.#state === 'waiting') this.#retryNow()
    return opened
  }

  /** A connection that is open but says nothing (another one took its place at the server) is replaced. */
  renew(): void {
    if (this.#state === 'open') this.#socket?.terminate()
  }

  #retryNow(): void {
    clearTimeout(this.#retry)
    this.#open()
  }

  #open(): void {
    this.#state = 'opening'
    this.#attempt += 1
    const { url, headers, frameBytes, handshakeMs } = this.#options
    const socket = new WebSocket(url, {
      headers,
      maxPayload: frameBytes,
      handshakeTimeout: handshakeMs,
      perMessageDeflate: false,
      followRedirects: false,
    })
    this.#socket = socket
    let reason = ''
    socket.on('open', () => this.#opened(socket))
    socket.on('message', (data, isBinary) => this.#message(data as Buffer, isBinary))
    socket.on('error', (error) => (reason = error.message)) // `close` follows
    socket.on('close', (code, text) => this.#lost(socket, code, text.toString() || reason))
  }

  #opened(socket: WebSocket): void {
    this.#state = 'open'
    socket.send(JSON.stringify({ type: 'feature_flags', data: { supports_preview_metadata: true } }))
    this.#handlers.onNotice({ type: 'connected', attempt: this.#attempt })
    this.#attempt = 0
    let answered = true
    socket.on('pong', () => (answered = true))
    this.#ping = setInterval(() => {
      if (!answered) return socket.terminate()
      answered = false
      socket.ping()
    }, pingEveryMs)
    this.#ping.unref()
    for (const { done } of this.#waiters) done(true)
    this.#handlers.onChange(true)
  }

  #lost(socket: WebSocket, code: number, reason: string): void {
    if (socket !== this.#socket || this.#state === 'closed') return
    clearInterval(this.#ping)
    const wasOpen = this.#state === 'open'
    this.#state = 'waiting'
    const delayMs = backOff(this.#attempt)
    this.#retry = setTimeout(() => this.#open(), delayMs)
    this.#retry.unref()
    if (wasOpen) this.#handlers.onNotice({ type: 'disconnected', code, reason })
    this.#handlers.onNotice({ type: 'reconnecting', attempt: this.#attempt + 1, delayMs })
    for (const waiter of this.#waiters) if (!waiter.patient) waiter.done(false)
    if (wasOpen) this.#handlers.onChange(false)
  }

  #message(data: Buffer, isBinary: boolean): void {
    const frame = isBinary ? readBinaryFrame(data) : readTextFrame(data.toString('utf8'))
    if (!frame) this.#handlers.onNotice({ type: 'bad-frame', detail: `${data.length} bytes` })
    else if ('data' in frame) this.#handlers.onText(frame)
    else if ('bytes' in frame) this.#handlers.onImage(frame)
  }

  [Symbol.dispose](): void {
    this.#state = 'closed'
    clearTimeout(this.#retry)
    clearInterval(this.#ping)
    for (const { done } of this.#waiters) done(false)
    this.#socket?.on('error', () => {}) // ending a handshake is told as an error
    this.#socket?.terminate()
  }
}

/** Doubling, with jitter so that many clients do not come back in one moment. */
function backOff(attempt: number): number {
  const delayMs = Math.min(firstDelayMs * 2 ** attempt, lastDelayMs)
  return Math.round(delayMs * (0.5 + Math.random() / 2))
}
