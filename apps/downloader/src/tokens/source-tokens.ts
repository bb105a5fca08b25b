import type { Secret, Sealer } from '@easel/config'
import { remoteSources } from '@easel/contracts'
import type { RemoteSourceId, TokenView } from '@easel/contracts'
import { AppError } from '@easel/protocol'
import type { Actor } from '@easel/protocol'
import type { TokenRow, TokensRepository } from './tokens.repository.ts'

type Parts = {
  repository: TokensRepository
  sealer: Sealer
  /** From the environment: those that hold where none is stored. */
  fallback: Readonly<Record<RemoteSourceId, Secret | undefined>>
}

const contextOf = (source: string) => `source-token:${source}`

/** Keys at CivitAI and Hugging Face, for the whole installation. */
export class SourceTokens {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async list(actor: Actor): Promise<TokenView[]> {
    requireAdmin(actor)
    const rows = new Map((await this.#parts.repository.list()).map((row) => [row.source, row]))
    return remoteSources.map((source) => this.#view(source, rows.get(source)))
  }

  async put(actor: Actor, source: RemoteSourceId, token: string): Promise<TokenView> {
    requireAdmin(actor)
    if (!/^[\x21-\x7e]+$/.test(token)) {
      const faults = [{ path: 'token', message: 'must be letters, digits and signs without spaces' }]
      throw new AppError('invalid', 'This is no token', { faults })
    }
    const { repository, sealer } = this.#parts
    const sealed = sealer.seal(token, contextOf(source))
    return this.#view(
      source,
      await repository.put({ source, sealed, hint: hintOf(token), updatedBy: actor.userId }),
    )
  }

  async remove(actor: Actor, source: RemoteSourceId): Promise<void> {
    requireAdmin(actor)
    await this.#parts.repository.remove(source)
  }

  /** In the clear: for requests to the source alone. */
  async reveal(source: RemoteSourceId): Promise<string | undefined> {
    const { repository, sealer, fallback } = this.#parts
    const row = await repository.find(source)
    return row ? sealer.open(row.sealed, contextOf(source)) : fallback[source]?.reveal()
  }

  async has(source: RemoteSourceId): Promise<boolean> {
    return (
      this.#parts.fallback[source] !== undefined || (await this.#parts.repository.find(source)) !== undefined
    )
  }

  #view(source: RemoteSourceId, row: TokenRow | undefined): TokenView {
    const fallback = this.#parts.fallback[source]
    if (row) return { source, hasToken: true, hint: row.hint, updatedAt: row.updatedAt.toISOString() }
    return { source, hasToken: fallback !== undefined, hint: fallback ? hintOf(fallback.reveal()) : null }
  }
}

const hintOf = (token: string) => token.slice(-4)

function requireAdmin({ role }: Actor): void {
  if (role !== 'admin')
    throw new AppError('forbidden', 'Only administrators may look after the tokens of sources')
}
