import { Assets } from './assets.ts'
import { Bundles } from './bundles.ts'
import { Collections, Loras } from './collections.ts'
import { Connection } from './connection.ts'
import { Downloads } from './downloads.ts'
import { Events } from './events.ts'
import { Hub, SourceTokens } from './hub.ts'
import { Jobs } from './jobs.ts'
import { Library } from './library.ts'
import { Favorites, Models } from './models.ts'
import { Auth, Keys, LimitsForAll, Spaces, Users } from './people.ts'
import { Sessions } from './sessions.ts'
import { System } from './system.ts'
import { Webhooks } from './webhooks.ts'
import { Workflows } from './workflows.ts'
import type { ConnectionOptions } from './connection.ts'

export type Easel = {
  readonly auth: Auth
  readonly keys: Keys
  readonly spaces: Spaces
  readonly users: Users
  readonly limits: LimitsForAll
  readonly jobs: Jobs
  readonly workflows: Workflows
  readonly assets: Assets
  readonly sessions: Sessions
  /** `models.search`. */
  readonly search: Models['search']
  readonly models: Models
  readonly favorites: Favorites
  readonly library: Library
  readonly bundles: Bundles
  readonly loras: Loras
  readonly collections: Collections
  readonly downloads: Downloads
  readonly hub: Hub
  readonly tokens: SourceTokens
  readonly events: Events
  readonly webhooks: Webhooks
  readonly system: System
  /** For what has no method here. */
  readonly connection: Connection
}

/**
 * A client of an Easel server. Makes no call by itself. Every method rejects with an `EaselError`.
 *
 *     const easel = createEasel({ url: 'http://127.0.0.1:8080', apiKey: 'esl_…' })
 *     const job = await easel.jobs.submit({ workflow })
 *     const done = await easel.jobs.wait(job.id, { onEvent: (event) => console.log(event.type) })
 */
export function createEasel(options: ConnectionOptions = {}): Easel {
  const connection = new Connection(options)
  const events = new Events(connection)
  const models = new Models(connection)
  return {
    auth: new Auth(connection),
    keys: new Keys(connection),
    spaces: new Spaces(connection),
    users: new Users(connection),
    limits: new LimitsForAll(connection),
    jobs: new Jobs(connection, events),
    workflows: new Workflows(connection),
    assets: new Assets(connection),
    sessions: new Sessions(connection),
    search: (query, call) => models.search(query, call),
    models,
    favorites: new Favorites(connection),
    library: new Library(connection),
    bundles: new Bundles(connection),
    loras: new Loras(connection),
    collections: new Collections(connection),
    downloads: new Downloads(connection),
    hub: new Hub(connection),
    tokens: new SourceTokens(connection),
    events,
    webhooks: new Webhooks(connection),
    system: new System(connection),
    connection,
  }
}

/** Every item of a list, page by page: `for await (const job of eachItem((cursor) => easel.jobs.list({ cursor })))`. */
export async function* eachItem<T>(
  list: (cursor: string | undefined) => Promise<{ items: readonly T[]; nextCursor?: string | null }>,
): AsyncGenerator<T> {
  let cursor: string | undefined
  do {
    const page = await list(cursor)
    yield* page.items
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
}
