import { EaselError } from '@easel/client'
import { stringifyJson } from '@easel/protocol'
import { easel, readSpace } from '../../api/easel.ts'
import { queries } from '../../api/queries.ts'
import { readDraft, textOf } from './draft.ts'
import type { SessionView } from '@easel/client'
import type { Draft } from './draft.ts'

const restMs = 800
/** What a page that is left may still send. */
const mostAtLeaving = 60_000

export type DraftState = {
  draft: Draft | undefined
  /** Somebody has saved something else in the meantime: nothing is saved until one of the two is chosen. */
  theirs: SessionView | undefined
  /** Why it is not saved. */
  trouble: unknown
}

/**
 * Saves the draft of one session a moment after each change, by revisions: what another window has saved is never
 * overwritten, and what is written here is never thrown away without a word.
 */
export class DraftKeeper {
  private readonly id: string
  private revision: number
  /** What the server has, as a text. */
  private base: string
  private sent: string | undefined
  private waiting: Draft | undefined
  private timer: ReturnType<typeof setTimeout> | undefined
  private saving: Promise<void> = Promise.resolve()
  private current: DraftState
  private channel: BroadcastChannel | undefined
  private readonly watchers = new Set<() => void>()

  constructor(session: SessionView) {
    this.id = session.id
    this.revision = session.revision
    this.base = textOf(session.draft)
    this.current = { draft: readDraft(session), theirs: undefined, trouble: undefined }
  }

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher)
    return () => this.watchers.delete(watcher)
  }

  readonly state = (): DraftState => this.current

  /** Until the session is left. */
  readonly open = (): (() => void) => {
    const onHide = () => this.leave()
    const onWarn = (event: BeforeUnloadEvent) => {
      if (this.waiting && (this.current.trouble !== undefined || this.current.theirs)) event.preventDefault()
    }
    const onOnline = () => this.flush()
    this.channel = new BroadcastChannel('easel.drafts')
    this.channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data === this.id) void queries.invalidateQueries({ queryKey: ['session', this.id] })
    }
    addEventListener('pagehide', onHide)
    addEventListener('beforeunload', onWarn)
    addEventListener('online', onOnline)
    return () => {
      removeEventListener('pagehide', onHide)
      removeEventListener('beforeunload', onWarn)
      removeEventListener('online', onOnline)
      this.flush()
      this.channel?.close()
      this.channel = undefined
    }
  }

  readonly update = (draft: Draft): void => {
    this.become({ draft })
    this.waiting = draft
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.flush(), restMs)
  }

  /** The session as it is on the server now. */
  hear(session: SessionView): void {
    if (session.revision <= this.revision) return
    const text = textOf(session.draft)
    const isKnown = text === this.base || text === this.sent
    // What waits is told when it is saved.
    if (!isKnown && (this.waiting || this.current.theirs)) return
    this.revision = session.revision
    this.base = text
    if (!isKnown) this.become({ draft: readDraft(session) })
  }

  readonly takeTheirs = (): void => {
    const { theirs } = this.current
    if (!theirs) return
    this.waiting = undefined
    this.adopt(theirs)
    this.become({ draft: readDraft(theirs), theirs: undefined })
  }

  readonly keepMine = (): void => {
    const { theirs, draft } = this.current
    if (!theirs || !draft) return
    this.adopt(theirs)
    this.become({ theirs: undefined })
    this.waiting = draft
    this.flush()
  }

  private flush(): void {
    clearTimeout(this.timer)
    this.saving = this.saving.then(() => this.save())
  }

  private async save(): Promise<void> {
    const draft = this.waiting
    if (!draft || this.current.theirs) return
    this.waiting = undefined
    try {
      this.sent = textOf(draft)
      this.adopt(await easel.sessions.update(this.id, this.revision, { draft }))
      if (this.current.trouble !== undefined) this.become({ trouble: undefined })
      this.channel?.postMessage(this.id)
    } catch (error) {
      this.waiting ??= draft
      if (error instanceof EaselError && error.status === 412) await this.onStale()
      else this.onTrouble(error)
    }
  }

  private async onStale(): Promise<void> {
    try {
      const now = await easel.sessions.get(this.id)
      const text = textOf(now.draft)
      if (text !== this.base && text !== this.sent) return this.become({ theirs: now })
      // Only its name is another, or the answer to a save was lost.
      this.adopt(now)
      return await this.save()
    } catch (error) {
      this.onTrouble(error)
    }
  }

  private onTrouble(error: unknown): void {
    this.become({ trouble: error })
    const passes = error instanceof EaselError && (error.status === 0 || error.status >= 500)
    if (passes) this.timer = setTimeout(() => this.flush(), 5_000)
  }

  private adopt(session: SessionView): void {
    this.revision = session.revision
    this.base = textOf(session.draft)
    queries.setQueryData(['session', this.id], session)
  }

  /** The page goes: the browser sends the last change without it. */
  private leave(): void {
    clearTimeout(this.timer)
    const draft = this.waiting
    if (!draft || this.current.theirs) return
    const space = readSpace()
    const body = stringifyJson({ draft })
    this.sent = textOf(draft)
    void fetch(`/api/sessions/${encodeURIComponent(this.id)}`, {
      method: 'PATCH',
      keepalive: body.length < mostAtLeaving,
      headers: {
        'content-type': 'application/json',
        'if-match': `"${this.revision}"`,
        ...(space !== undefined && { 'x-space': space }),
      },
      body,
    })
  }

  private become(change: Partial<DraftState>): void {
    this.current = { ...this.current, ...change }
    for (const watcher of this.watchers) watcher()
  }
}
