import { parseJson } from '@easel/protocol'
import type { EaselEvent } from '@easel/client'

/** `ended`: the log-in is over. */
export type LinkState = 'connecting' | 'live' | 'lost' | 'ended'

export type Preview = { jobId: string; mime: string; node?: string; picture: Blob }

type Listener = {
  /** `replayed`: told after a lost connection. */
  event?: (event: EaselEvent) => void
  preview?: (preview: Preview) => void
  /** Events were lost that nobody can tell again: what is shown must be read anew. */
  gap?: () => void
}

const longestPauseMs = 15_000
/** A server that says nothing for so long is gone: it sends a heartbeat more often. */
const silenceMs = 45_000
const unauthorized = 4_001

/**
 * The one stream of events of this tab, over a WebSocket; opened anew after a loss, and resumed where it was. All views
 * are fed by it.
 */
export class LiveStream {
  private socket: WebSocket | undefined
  private last: string | undefined
  private failures = 0
  private retry: ReturnType<typeof setTimeout> | undefined
  private silence: ReturnType<typeof setTimeout> | undefined
  private readonly listeners = new Set<Listener>()
  private readonly watchers = new Set<() => void>()
  private current: LinkState = 'connecting'

  /** For `useSyncExternalStore`. */
  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher)
    return () => this.watchers.delete(watcher)
  }

  readonly state = (): LinkState => this.current

  listen(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  open(): void {
    if (this.socket) return
    globalThis.addEventListener('online', this.retryNow)
    this.connect()
  }

  close(): void {
    globalThis.removeEventListener('online', this.retryNow)
    clearTimeout(this.retry)
    clearTimeout(this.silence)
    const { socket } = this
    this.socket = undefined
    socket?.close()
  }

  readonly retryNow = (): void => {
    if (this.current !== 'lost') return
    clearTimeout(this.retry)
    this.connect()
  }

  private connect(): void {
    this.become(this.failures === 0 ? 'connecting' : 'lost')
    const url = new URL('/api/events', location.href.replace(/^http/, 'ws'))
    if (this.last !== undefined) url.searchParams.set('after', this.last)
    const socket = new WebSocket(url)
    socket.binaryType = 'arraybuffer'
    this.socket = socket
    socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (this.socket !== socket) return
      this.heard(socket)
      if (typeof data === 'string') this.onText(data)
      else this.onPreview(data)
    })
    socket.addEventListener('close', ({ code }) => {
      if (this.socket !== socket) return
      clearTimeout(this.silence)
      this.socket = undefined
      if (code === unauthorized) this.become('ended')
      else this.tryLater()
    })
  }

  private heard(socket: WebSocket): void {
    this.failures = 0
    this.become('live')
    clearTimeout(this.silence)
    this.silence = setTimeout(() => socket.close(), silenceMs)
  }

  private onText(text: string): void {
    const event = parseJson(text) as EaselEvent
    if (event.type === 'hello') {
      // Where a stream without a past begins; one that resumes is told what it missed.
      this.last ??= event.id ?? undefined
      return
    }
    if (event.id) this.last = event.id
    if (event.type === 'stream.gap') for (const { gap } of this.listeners) gap?.()
    for (const listener of this.listeners) listener.event?.(event)
  }

  /** Four bytes, big-endian: the length of a JSON header; the header; the picture. */
  private onPreview(data: ArrayBuffer): void {
    const length = new DataView(data).getUint32(0)
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length))) as {
      data: { jobId: string; mime: string; node?: string }
    }
    const picture = new Blob([data.slice(4 + length)], { type: header.data.mime })
    for (const { preview } of this.listeners) preview?.({ ...header.data, picture })
  }

  private tryLater(): void {
    this.failures++
    this.become('lost')
    // Different for each tab: they lose a server together.
    const pause = Math.min(longestPauseMs, 500 * 2 ** this.failures) * (0.5 + Math.random())
    this.retry = setTimeout(() => this.connect(), pause)
  }

  private become(state: LinkState): void {
    if (this.current === state) return
    this.current = state
    for (const watcher of this.watchers) watcher()
  }
}

export const live = new LiveStream()
