import { parseJson } from '@easel/protocol'
import { notifyManager } from '@tanstack/react-query'
import type { EaselEvent } from '@easel/client'

/** `ended`: the log-in is over. */
export type LinkState = 'connecting' | 'live' | 'lost' | 'ended'

export type Preview = { jobId: string; mime: string; node?: string; picture: Blob }

export type Listener = {
  /** All that came since the last frame, in order; of lossy events that follow each other only the newest. */
  events?: (events: readonly EaselEvent[]) => void
  /** One after the other, for who looks for a few. */
  event?: (event: EaselEvent) => void
  preview?: (preview: Preview) => void
  /** The stream begins here: what was read before may lack something. */
  begin?: () => void
  /** Events were lost that nobody can tell again: what is shown must be read anew. */
  gap?: () => void
}

export type LiveOptions = {
  /** Where events come from. */
  url: () => URL
  /** Asked when a connection is refused; rejects when nobody can tell. */
  isLoggedIn: () => Promise<boolean>
  /** Told when it turns out that the log-in is over. */
  onEnded?: () => void
  /** Runs it when the page may change next. */
  schedule: (run: () => void) => void
  silenceMs?: number
  answerMs?: number
}

const longestPauseMs = 15_000
/** After so long without a word the server is asked for one: a page does not see the pings of its socket. */
const silenceMs = 20_000
/** A server that has not answered by then is gone. */
const answerMs = 8_000
/** The server closes so when credentials are revoked, and when somebody has too many streams; it says which. */
const policy = 1_008
/** More than this between two frames, and all is read anew instead. */
const mostWaiting = 5_000

/**
 * The one stream of events of this tab, over a WebSocket; opened anew after a loss, and resumed where it was. All views
 * are fed by it:
 *
 *   connecting → live ⇄ lost, or → ended
 */
export class LiveStream {
  private socket: WebSocket | undefined
  private isOpen = false
  private spaceId: string | undefined
  private last: string | undefined
  private failures = 0
  private retry: ReturnType<typeof setTimeout> | undefined
  private silence: ReturnType<typeof setTimeout> | undefined
  private waiting: EaselEvent[] = []
  /** Where in `waiting` the newest lossy event of each subject is. */
  private readonly newest = new Map<string, number>()
  private scheduled = false
  private readonly listeners = new Set<Listener>()
  private readonly watchers = new Set<() => void>()
  private current: LinkState = 'connecting'
  private readonly options: LiveOptions

  constructor(options: LiveOptions) {
    this.options = options
  }

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

  /** Of all that a user may hear, what concerns this space and what concerns everybody. */
  open(spaceId: string): void {
    if (this.isOpen) return
    this.isOpen = true
    // Where another space's stream was says nothing of this one.
    if (this.spaceId !== spaceId) this.last = undefined
    this.spaceId = spaceId
    this.failures = 0
    this.connect()
  }

  close(): void {
    this.isOpen = false
    clearTimeout(this.retry)
    clearTimeout(this.silence)
    const { socket } = this
    this.socket = undefined
    socket?.close()
  }

  /** For who is back, be it a network, a reader or a log-in: connects at once, or asks whether it still is. */
  readonly retryNow = (): void => {
    if (!this.isOpen) return
    clearTimeout(this.retry)
    if (!this.socket) this.connect()
    else if (this.socket.readyState === WebSocket.OPEN) this.ask(this.socket)
  }

  private connect(): void {
    this.become(this.failures === 0 ? 'connecting' : 'lost')
    const url = this.options.url()
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
    socket.addEventListener('close', ({ code, reason }) => {
      if (this.socket === socket) void this.onClose(code === policy && reason === 'revoked')
    })
  }

  private heard(socket: WebSocket): void {
    this.failures = 0
    this.become('live')
    clearTimeout(this.silence)
    this.silence = setTimeout(() => this.ask(socket), this.options.silenceMs ?? silenceMs)
  }

  private ask(socket: WebSocket): void {
    socket.send('ping')
    clearTimeout(this.silence)
    this.silence = setTimeout(() => {
      // A network that is gone answers no farewell either: it is not waited for.
      if (this.socket === socket) void this.onClose(false)
      socket.close()
    }, this.options.answerMs ?? answerMs)
  }

  private onText(text: string): void {
    const event = parseJson(text) as EaselEvent
    if (event.type === 'stream.alive') return
    if (event.type === 'hello') {
      // Where a stream without a past begins; one that resumes is told what it missed.
      if (this.last !== undefined) return
      this.last = event.id ?? undefined
      for (const { begin } of this.listeners) begin?.()
      return
    }
    if (event.id) this.last = event.id
    if (!this.concerns(event)) return
    this.keep(event)
    if (this.scheduled) return
    this.scheduled = true
    this.options.schedule(() => this.deliver())
  }

  private concerns({ spaceId }: Pick<EaselEvent, 'spaceId'>): boolean {
    return spaceId === undefined || spaceId === null || spaceId === this.spaceId
  }

  private keep(event: EaselEvent): void {
    const { id, type, data } = event
    if (id === undefined || id === null) {
      const { jobId, id: subject } = (data ?? {}) as { jobId?: string; id?: string }
      const key = `${type} ${jobId ?? subject ?? ''}`
      const place = this.newest.get(key)
      if (place !== undefined) {
        this.waiting[place] = event
        return
      }
      this.newest.set(key, this.waiting.length)
    }
    this.waiting.push(event)
  }

  private deliver(): void {
    const events = this.waiting
    this.waiting = []
    this.newest.clear()
    this.scheduled = false
    const tooMany = events.length > mostWaiting
    notifyManager.batch(() => {
      for (const { gap, events: hear, event: hearOne } of this.listeners) {
        if (tooMany) {
          gap?.()
          continue
        }
        hear?.(events)
        if (hearOne) for (const event of events) hearOne(event)
      }
    })
  }

  /** Four bytes, big-endian: the length of a JSON header; the header; the picture. */
  private onPreview(data: ArrayBuffer): void {
    const length = new DataView(data).getUint32(0)
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length))) as {
      spaceId?: string | null
      data: { jobId: string; mime: string; node?: string }
    }
    if (!this.concerns(header)) return
    const picture = new Blob([data.slice(4 + length)], { type: header.data.mime })
    for (const { preview } of this.listeners) preview?.({ ...header.data, picture })
  }

  private async onClose(isRevoked: boolean): Promise<void> {
    clearTimeout(this.silence)
    const wasHeard = this.failures === 0 && this.current === 'live'
    this.socket = undefined
    this.failures++
    if (!isRevoked) this.become('lost')
    // A page is not told why its socket was refused.
    const isOver = isRevoked || (!wasHeard && !(await this.options.isLoggedIn().catch(() => true)))
    if (this.socket || !this.isOpen) return
    if (!isOver) return this.tryLater()
    this.become('ended')
    this.options.onEnded?.()
  }

  private tryLater(): void {
    // Different for each tab: they lose a server together.
    const pause = Math.min(longestPauseMs, 500 * 2 ** this.failures) * (0.5 + Math.random())
    clearTimeout(this.retry)
    this.retry = setTimeout(() => this.connect(), pause)
  }

  private become(state: LinkState): void {
    if (this.current === state) return
    this.current = state
    for (const watcher of this.watchers) watcher()
  }
}
