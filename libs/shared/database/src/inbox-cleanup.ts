import type { Database } from './database.ts'

const batch = 5_000

/**
 * Forgets events handled more than `days` ago (longer than the stream keeps them); gives how many. Small
 * batches, so that no lock is held for long.
 */
export async function cleanInbox(database: Database, days: number): Promise<number> {
  let total = 0
  for (;;) {
    const { rowCount } = await database.query(
      `delete from inbox where ctid = any(array(
         select ctid from inbox where handled_at < now() - make_interval(days => $1) limit $2))`,
      [days, batch],
    )
    total += rowCount ?? 0
    if ((rowCount ?? 0) < batch) return total
  }
}
