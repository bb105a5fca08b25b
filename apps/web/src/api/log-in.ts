/** `unknown`: nobody is logged in, as far as this page knows. `over`: somebody was, and has to log in again. */
export type LogInState = 'unknown' | 'held' | 'over'

/**
 * Whether the log-in of this tab still holds:
 *
 *   unknown → held ⇄ over
 *
 * When it ends in the middle of something, what was asked waits until somebody has logged in again; nothing on the
 * page is lost by it.
 */
export class LogIn {
  private current: LogInState = 'unknown'
  private again = Promise.withResolvers<void>()
  private readonly watchers = new Set<() => void>()

  /** For `useSyncExternalStore`. */
  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher)
    return () => this.watchers.delete(watcher)
  }

  readonly state = (): LogInState => this.current

  /** Somebody is logged in. */
  hold(): void {
    this.become('held')
    this.again.resolve()
  }

  /** Somebody has left on purpose. */
  forget(): void {
    this.become('unknown')
  }

  /** The server does not know us any more. Whether it had known us before. */
  lapse(): boolean {
    if (this.current === 'unknown') return false
    if (this.current === 'held') this.again = Promise.withResolvers()
    this.become('over')
    return true
  }

  /** Resolves when somebody is logged in again, or when the signal aborts. */
  async renewed(signal?: AbortSignal | null): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    signal?.addEventListener('abort', () => resolve(), { once: true })
    await Promise.race([this.again.promise, promise])
  }

  /** As `fetch`; a call that is refused because the log-in is over is made again after the next one. */
  fetcher(send: typeof fetch): typeof fetch {
    return async (input, init) => {
      const response = await send(input, init)
      if (response.status !== 401 || isLogIn(input) || !this.lapse()) return response
      await this.renewed(init?.signal)
      return await send(input, init)
    }
  }

  private become(state: LogInState): void {
    if (this.current === state) return
    this.current = state
    for (const watcher of this.watchers) watcher()
  }
}

/** Its 401 is about the password. */
function isLogIn(input: Parameters<typeof fetch>[0]): boolean {
  return (input instanceof Request ? input.url : String(input)).endsWith('/api/auth/login')
}

export const logIn = new LogIn()
