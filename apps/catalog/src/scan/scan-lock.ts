import type { Database } from '@easel/database'

export type ScanLock = AsyncDisposable & {
  /** Aborted when the connection is lost, and the lock with it. */
  readonly lost: AbortSignal
}

/**
 * One scan at a time over all replicas, or one of something else: a session lock on a connection of its own, so that it
 * ends with the process that holds it. `undefined` says that another replica has it.
 */
export async function acquireScanLock(
  database: Database,
  work: 'scan' | 'links' | 'external' | 'sync' = 'scan',
): Promise<ScanLock | undefined> {
  const client = await database.pool.connect()
  const lost = new AbortController()
  const onError = () => lost.abort(new Error('The connection that holds the scan lock was lost'))
  client.on('error', onError)
  const release = () => {
    client.off('error', onError)
    // Closing the connection is what surely gives the lock back.
    client.release(true)
  }
  try {
    const { rows } = await client.query<{ locked: boolean }>(
      `select pg_try_advisory_lock(hashtextextended('catalog-' || $2 || ':' || $1, 0)) as locked`,
      [database.schema, work],
    )
    if (rows[0]?.locked) {
      return { lost: lost.signal, [Symbol.asyncDispose]: () => Promise.resolve(release()) }
    }
  } catch (cause) {
    release()
    throw cause
  }
  client.off('error', onError)
  client.release()
  return undefined
}
