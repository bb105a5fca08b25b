import { scopes as allScopes } from '@easel/protocol'
import { Injectable } from '@nestjs/common'
import type { Scope, SpaceRole, UserRole } from '@easel/protocol'
import { GatewayStore } from '../gateway.store.ts'
import { readNsfw } from '../models/viewing.ts'
import type { Caller } from './caller.ts'

type Row = {
  id: string
  email: string
  name: string
  role: UserRole
  personal_space_id: string
  max_nsfw: string
  spaces: readonly { id: string; slug: string; role: SpaceRole }[] | null
}
type KeyRow = Row & { key_id: string; scopes: Scope[]; expires_at: Date | null }

export type KeyCaller = { readonly caller: Caller; readonly expiresAt: Date | undefined }

const userColumns = `
  u.id, u.email, u.name, u.role, u.personal_space_id, u.max_nsfw,
  (select json_agg(json_build_object('id', s.id, 'slug', s.slug, 'role', m.role))
     from memberships m join spaces s on s.id = m.space_id where m.user_id = u.id) as spaces`

const byKey = `
  select ${userColumns}, k.id as key_id, k.scopes, k.expires_at
    from api_keys k join users u on u.id = k.user_id
   where k.hash = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
     and u.disabled_at is null`

const byUser = `select ${userColumns} from users u where u.id = $1 and u.disabled_at is null`

/** Asked whenever a credential is not in the cache: prepared SQL. */
@Injectable()
export class CallerRepository {
  constructor(private readonly store: GatewayStore) {}

  async findByKey(hash: Buffer): Promise<KeyCaller | undefined> {
    const { rows } = await this.store.sql.query<KeyRow>(byKey, [hash], { name: 'caller-by-key' })
    const [row] = rows
    if (!row) return undefined
    const caller = toCaller(row, { kind: 'key', id: row.key_id }, row.scopes)
    return { caller, expiresAt: row.expires_at ?? undefined }
  }

  async findByUser(userId: string, sessionId: string): Promise<Caller | undefined> {
    const { rows } = await this.store.sql.query<Row>(byUser, [userId], { name: 'caller-by-user' })
    const [row] = rows
    return row && toCaller(row, { kind: 'session', id: sessionId }, allScopes)
  }

  async countSpaces(ids: readonly string[]): Promise<number> {
    return this.store.run((prisma) => prisma.space.count({ where: { id: { in: [...ids] } } }))
  }

  /** At most once a minute a key, so that reading stays reading. */
  async touchKey(id: string): Promise<void> {
    await this.store.sql.query(
      `update api_keys set last_used_at = now()
        where id = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')`,
      [id],
      { name: 'touch-key' },
    )
  }
}

function toCaller(row: Row, credential: Caller['credential'], scopes: readonly Scope[]): Caller {
  const spaces = row.spaces ?? []
  return {
    actor: {
      userId: row.id,
      role: row.role,
      personalSpaceId: row.personal_space_id,
      spaces: Object.fromEntries(spaces.map(({ id, role }) => [id, role])),
      scopes,
    },
    email: row.email,
    name: row.name,
    maxNsfw: readNsfw(row.max_nsfw),
    credential,
    slugs: new Map(spaces.map(({ id, slug }) => [slug, id])),
  }
}
