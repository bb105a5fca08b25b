import { stringifyJson } from '@easel/protocol'
import { Injectable } from '@nestjs/common'
import { GatewayStore } from '../gateway.store.ts'

/** Something that happened, as the services tell it. */
export type Happening = {
  /** Of the fact: the same in every delivery. */
  readonly eventId: string
  /** None: for everybody. */
  readonly spaceId: string | null
  readonly type: string
  readonly subject: string
  readonly data: object
  /** Where the submitter of a job wants to hear of its end; kept beside what users see. */
  readonly webhookUrl?: string | null
}

/** A row of the feed. `data` stays the text that Postgres gave: nobody here needs to look into it. */
export type Recorded = {
  readonly cursor: bigint
  readonly spaceId: string | null
  readonly type: string
  readonly subject: string
  readonly time: string
  readonly data: string
}

/** With the cursor of the row before it, so that a listener sees when it has missed one. */
export type Appended = Recorded & { readonly previous: bigint }

type Row = {
  cursor: string
  space_id: string | null
  type: string
  subject: string
  time: Date
  data: string
}

const columns = 'cursor, space_id, type, subject, time, data::text as data'

// The order of the rows is the order of their cursors: `unnest` keeps it, and the sort says so.
const insert = `
  insert into activity (event_id, space_id, type, subject, data, webhook_url)
  select event_id, space_id, type, subject, data, webhook_url
    from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::jsonb[], $6::text[]) with ordinality
         as h(event_id, space_id, type, subject, data, webhook_url, place)
   order by place
  on conflict (event_id) do nothing
  returning ${columns}`

const after = `
  select ${columns} from activity
   where cursor > $1 and (space_id is null or space_id = any($2::uuid[])) order by cursor limit $3`

const afterAll = `select ${columns} from activity where cursor > $1 order by cursor limit $2`

/** The newest that together hold so many bytes, the oldest of them first. */
const recent = `
  select ${columns} from (
    select *, sum(octet_length(data::text)) over (order by cursor desc) as bytes
      from (select * from activity order by cursor desc limit $1) newest
  ) activity where bytes <= $2 order by cursor`

@Injectable()
export class ActivityRepository {
  constructor(private readonly store: GatewayStore) {}

  /** What is there already is left out. One writer at a time, so that cursors become visible in their order. */
  append(happenings: readonly Happening[]): Promise<readonly Appended[]> {
    return this.store.sql.transact(async (tx) => {
      await tx.query(`select pg_advisory_xact_lock(hashtext('easel-activity'))`)
      const newest = await tx.query<{ cursor: string | null }>('select max(cursor) as cursor from activity')
      const { rows } = await tx.query<Row>(
        insert,
        [
          happenings.map(({ eventId }) => eventId),
          happenings.map(({ spaceId }) => spaceId),
          happenings.map(({ type }) => type),
          happenings.map(({ subject }) => subject),
          happenings.map(({ data }) => stringifyJson(data)),
          happenings.map(({ webhookUrl }) => webhookUrl ?? null),
        ],
        { name: 'append-activity' },
      )
      let previous = BigInt(newest.rows[0]?.cursor ?? 0)
      return rows.map((row) => {
        const appended = { ...toRecorded(row), previous }
        previous = appended.cursor
        return appended
      })
    })
  }

  async newest(): Promise<bigint> {
    const { rows } = await this.store.sql.query<{ cursor: string | null }>(
      'select max(cursor) as cursor from activity',
      [],
      { name: 'newest-activity' },
    )
    return BigInt(rows[0]?.cursor ?? 0)
  }

  async listRecent(limit: number, maxBytes: number): Promise<readonly Recorded[]> {
    const { rows } = await this.store.sql.query<Row>(recent, [limit, maxBytes])
    return rows.map(toRecorded)
  }

  async listAfter(cursor: bigint, limit: number, spaceIds?: readonly string[]): Promise<readonly Recorded[]> {
    const { rows } = spaceIds
      ? await this.store.sql.query<Row>(after, [cursor, spaceIds, limit], { name: 'activity-after' })
      : await this.store.sql.query<Row>(afterAll, [cursor, limit], { name: 'activity-after-all' })
    return rows.map(toRecorded)
  }

  async sweep(): Promise<void> {
    await this.store.sql.query(`delete from activity where time < now() - interval '30 days'`)
  }
}

function toRecorded(row: Row): Recorded {
  return {
    cursor: BigInt(row.cursor),
    spaceId: row.space_id,
    type: row.type,
    subject: row.subject,
    time: row.time.toISOString(),
    data: row.data,
  }
}
