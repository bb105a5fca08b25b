import { notFound } from '@easel/protocol'
import type { Sql } from '../sql.ts'

/** An asset can only be put into a session of its own space. */
export async function requireSession(
  sql: Sql,
  { id, spaceId }: { id: string; spaceId: string },
): Promise<void> {
  const { rowCount } = await sql.query(
    // It must not be deleted before the asset refers to it.
    'select 1 from session where id = $1 and space_id = $2 for key share',
    [id, spaceId],
  )
  if (rowCount === 0) throw notFound('session', 'SESSION_NOT_FOUND')
}
