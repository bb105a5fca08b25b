import type { CallOptions, Connection } from './connection.ts'
import type {
  CreateSession,
  GetSessionsQuery,
  SessionPage,
  SessionView,
  UpdateSession,
} from './api-schemas.ts'

export class Sessions {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  create(session: CreateSession = {}, options: CallOptions = {}): Promise<SessionView> {
    return this.#connection.json('POST', '/api/sessions', { json: session, ...options })
  }

  list(query: GetSessionsQuery = {}): Promise<SessionPage> {
    return this.#connection.json('GET', '/api/sessions', { query })
  }

  get(id: string): Promise<SessionView> {
    return this.#connection.json('GET', pathOf(id))
  }

  /** Fails with `STALE` (412) when it was changed since `revision`. */
  update(id: string, revision: number, change: UpdateSession): Promise<SessionView> {
    const headers = { 'if-match': `"${revision}"` }
    return this.#connection.json('PATCH', pathOf(id), { json: change, headers })
  }

  delete(id: string): Promise<void> {
    return this.#connection.json('DELETE', pathOf(id))
  }
}

function pathOf(id: string): string {
  return `/api/sessions/${encodeURIComponent(id)}`
}
