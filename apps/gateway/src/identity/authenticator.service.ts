import { AppError } from '@easel/protocol'
import { Inject, Injectable } from '@nestjs/common'
import { LOG } from '../tokens.ts'
import { CallerRepository } from './caller.repository.ts'
import { IdentityChanges } from './identity-changes.ts'
import { LoginSessions } from './login-sessions.ts'
import type { Logger } from '@easel/observability'
import type { Caller } from './caller.ts'

/** A credential as it is kept here while in use: only the hash (hex) of its secret. */
export type Presented = { readonly kind: 'key' | 'session'; readonly hash: string }

type Entry = { readonly caller: Caller; readonly freshUntil: number }

/** A message about a change may be lost; then this is how long the old state holds. */
const freshMs = 10_000
const maxEntries = 20_000

/** From a credential to its caller, with a short memory that every change clears. */
@Injectable()
export class Authenticator {
  readonly #entries = new Map<string, Entry>()
  /** Questions under way: after a restart thousands of sockets may come with one credential at once. */
  readonly #asking = new Map<string, Promise<Caller | undefined>>()
  /** Counts changes, so that an answer that was under way during one is not remembered. */
  #changes = 0

  constructor(
    readonly callers: CallerRepository,
    private readonly sessions: LoginSessions,
    changes: IdentityChanges,
    @Inject(LOG) private readonly log: Logger,
  ) {
    changes.onChange((userId) => this.#forget(userId))
  }

  /** Throws `unauthenticated`, in the same words whatever is wrong with the credential. */
  async authenticate(presented: Presented): Promise<Caller> {
    const caller = await this.find(presented)
    if (!caller) throw new AppError('unauthenticated', 'The credentials are not valid', wrong)
    return caller
  }

  async find(presented: Presented): Promise<Caller | undefined> {
    const name = `${presented.kind}:${presented.hash}`
    const entry = this.#entries.get(name)
    if (entry && entry.freshUntil > performance.now()) return entry.caller
    const asking = this.#asking.get(name) ?? this.#ask(name, presented)
    this.#asking.set(name, asking)
    try {
      return await asking
    } finally {
      if (this.#asking.get(name) === asking) this.#asking.delete(name)
    }
  }

  async #ask(name: string, { kind, hash }: Presented): Promise<Caller | undefined> {
    const changes = this.#changes
    const found = kind === 'key' ? await this.#findByKey(hash) : await this.#findBySession(hash)
    if (found && changes === this.#changes) this.#remember(name, found)
    else this.#entries.delete(name)
    return found?.caller
  }

  async #findByKey(hash: string) {
    const found = await this.callers.findByKey(Buffer.from(hash, 'hex'))
    if (!found) return undefined
    this.callers.touchKey(found.caller.credential.id).catch((cause: unknown) => {
      this.log.warn({ err: cause }, 'the last use of a key was not noted')
    })
    const lifeMs = found.expiresAt ? found.expiresAt.getTime() - Date.now() : freshMs
    return { caller: found.caller, lifeMs }
  }

  async #findBySession(hash: string) {
    const session = await this.sessions.find(hash)
    if (!session) return undefined
    const caller = await this.callers.findByUser(session.userId, session.id)
    return caller && { caller, lifeMs: freshMs }
  }

  #remember(name: string, { caller, lifeMs }: { caller: Caller; lifeMs: number }): void {
    if (this.#entries.size >= maxEntries) this.#entries.clear()
    this.#entries.set(name, { caller, freshUntil: performance.now() + Math.min(freshMs, lifeMs) })
  }

  #forget(userId: string): void {
    this.#changes++
    // Who asks from now on must not get an answer from before.
    this.#asking.clear()
    for (const [name, { caller }] of this.#entries) {
      if (caller.actor.userId === userId) this.#entries.delete(name)
    }
  }
}

const wrong = { reason: 'BAD_CREDENTIALS' } as const
