import type { CallOptions, Connection } from './connection.ts'
import type {
  AddMember,
  AuditPage,
  CreateKey,
  CreateSpace,
  CreateUser,
  GetAuditQuery,
  GetKeysQuery,
  GetSpacesIdUsageQuery,
  GetSpacesQuery,
  GetUsersIdUsageQuery,
  GetUsersQuery,
  KeyPage,
  Limits,
  LimitsView,
  LogInList,
  Me,
  MemberPage,
  MemberView,
  NewKey,
  SpacePage,
  SpaceView,
  UpdateMe,
  UpdateUser,
  UsageReport,
  UserPage,
  UserView,
} from './api-schemas.ts'

/** Who is calling. */
export class Auth {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  me(): Promise<Me> {
    return this.#connection.json('GET', '/api/auth/me')
  }

  /** In a browser: the answer sets the log-in cookie. */
  logIn(email: string, password: string): Promise<Me> {
    return this.#connection.json('POST', '/api/auth/login', { json: { email, password } })
  }

  logOut(): Promise<void> {
    return this.#connection.json('POST', '/api/auth/logout')
  }

  /** For programs that begin with a password: logs in, makes a key, and logs out again. */
  async exchangeForKey(login: { email: string; password: string }, key: CreateKey): Promise<NewKey> {
    const { email, password } = login
    const response = await this.#connection.send('POST', '/api/auth/login', { json: { email, password } })
    const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? ''
    await response.body?.cancel()
    const headers = { cookie, origin: new URL(this.#connection.url).origin }
    const made = await this.#connection.json<NewKey>('POST', '/api/keys', { json: key, headers })
    await this.#connection.json('POST', '/api/auth/logout', { headers })
    return made
  }

  update(change: UpdateMe): Promise<Me> {
    return this.#connection.json('PATCH', '/api/auth/me', { json: change })
  }

  logIns(): Promise<LogInList> {
    return this.#connection.json('GET', '/api/auth/sessions')
  }

  /** One of them; to end the one that calls is to log out. */
  endLogIn(id: string): Promise<void> {
    return this.#connection.json('DELETE', `/api/auth/sessions/${encodeURIComponent(id)}`)
  }

  logOutEverywhere(): Promise<void> {
    return this.#connection.json('DELETE', '/api/auth/sessions')
  }
}

export class Keys {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  list(query: GetKeysQuery = {}): Promise<KeyPage> {
    return this.#connection.json('GET', '/api/keys', { query })
  }

  /** The answer is the only place that shows the key. */
  create(key: CreateKey): Promise<NewKey> {
    return this.#connection.json('POST', '/api/keys', { json: key })
  }

  revoke(id: string): Promise<void> {
    return this.#connection.json('DELETE', `/api/keys/${encodeURIComponent(id)}`)
  }
}

export class Spaces {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  list(query: GetSpacesQuery = {}): Promise<SpacePage> {
    return this.#connection.json('GET', '/api/spaces', { query })
  }

  create(space: CreateSpace, options: CallOptions = {}): Promise<SpaceView> {
    return this.#connection.json('POST', '/api/spaces', { json: space, ...options })
  }

  get(id: string): Promise<SpaceView> {
    return this.#connection.json('GET', `/api/spaces/${encodeURIComponent(id)}`)
  }

  rename(id: string, name: string): Promise<SpaceView> {
    return this.#connection.json('PATCH', `/api/spaces/${encodeURIComponent(id)}`, { json: { name } })
  }

  budget(id: string): Promise<LimitsView> {
    return this.#connection.json('GET', `/api/spaces/${encodeURIComponent(id)}/budget`)
  }

  /** For admins. Takes the place of all that was set before. */
  setBudget(id: string, limits: Limits): Promise<LimitsView> {
    return this.#connection.json('PUT', `/api/spaces/${encodeURIComponent(id)}/budget`, { json: limits })
  }

  usage(id: string, query: GetSpacesIdUsageQuery = {}): Promise<UsageReport> {
    return this.#connection.json('GET', `/api/spaces/${encodeURIComponent(id)}/usage`, { query })
  }

  members(id: string): Promise<MemberPage> {
    return this.#connection.json('GET', `/api/spaces/${encodeURIComponent(id)}/members`)
  }

  addMember(id: string, member: AddMember): Promise<MemberView> {
    return this.#connection.json('POST', `/api/spaces/${encodeURIComponent(id)}/members`, { json: member })
  }

  updateMember(id: string, userId: string, role: MemberView['role']): Promise<MemberView> {
    const path = `/api/spaces/${encodeURIComponent(id)}/members/${encodeURIComponent(userId)}`
    return this.#connection.json('PATCH', path, { json: { role } })
  }

  removeMember(id: string, userId: string): Promise<void> {
    const path = `/api/spaces/${encodeURIComponent(id)}/members/${encodeURIComponent(userId)}`
    return this.#connection.json('DELETE', path)
  }
}

/** For admins. */
export class Users {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  list(query: GetUsersQuery = {}): Promise<UserPage> {
    return this.#connection.json('GET', '/api/users', { query })
  }

  get(id: string): Promise<UserView> {
    return this.#connection.json('GET', `/api/users/${encodeURIComponent(id)}`)
  }

  create(user: CreateUser): Promise<UserView> {
    return this.#connection.json('POST', '/api/users', { json: user })
  }

  update(id: string, change: UpdateUser): Promise<UserView> {
    return this.#connection.json('PATCH', `/api/users/${encodeURIComponent(id)}`, { json: change })
  }

  delete(id: string): Promise<void> {
    return this.#connection.json('DELETE', `/api/users/${encodeURIComponent(id)}`)
  }

  /** One's own too. */
  budget(id: string): Promise<LimitsView> {
    return this.#connection.json('GET', `/api/users/${encodeURIComponent(id)}/budget`)
  }

  /** Takes the place of all that was set before. */
  setBudget(id: string, limits: Limits): Promise<LimitsView> {
    return this.#connection.json('PUT', `/api/users/${encodeURIComponent(id)}/budget`, { json: limits })
  }

  /** One's own too. */
  usage(id: string, query: GetUsersIdUsageQuery = {}): Promise<UsageReport> {
    return this.#connection.json('GET', `/api/users/${encodeURIComponent(id)}/usage`, { query })
  }

  audit(query: GetAuditQuery = {}): Promise<AuditPage> {
    return this.#connection.json('GET', '/api/audit', { query })
  }
}

/** For admins: the limits of spaces and users that have none of their own. */
export class LimitsForAll {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  get(of: 'spaces' | 'users'): Promise<LimitsView> {
    return this.#connection.json('GET', `/api/limits/${of}`)
  }

  /** Takes the place of all that was set before. */
  set(of: 'spaces' | 'users', limits: Limits): Promise<LimitsView> {
    return this.#connection.json('PUT', `/api/limits/${of}`, { json: limits })
  }
}
