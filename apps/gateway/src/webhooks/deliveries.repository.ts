import { Injectable } from '@nestjs/common'
import { GatewayStore } from '../gateway.store.ts'
import type { SqlTransaction } from '@easel/database'

/** The first due delivery of a queue. */
export type DueHead = {
  readonly queue: string
  readonly webhookId: string
  readonly url: string
  /** Until it is due; below 0 since when it is. */
  readonly inMs: number
}

/** A delivery with all that an attempt needs. */
export type Claimed = {
  readonly id: string
  readonly attempt: number
  /** Since it was asked for, or asked for again. */
  readonly failures: number
  readonly queue: string
  readonly webhookId: string
  readonly isJobUrl: boolean
  readonly type: string
  readonly url: string
  /** Of a test. */
  readonly body: string | null
  readonly event: { cursor: string; spaceId: string | null; time: Date; data: string } | null
  readonly enabled: boolean
  /** May whoever answers for it still see the space? */
  readonly allowed: boolean
  readonly secret: string
  readonly previousSecret: string | null
}

export type AttemptResult = {
  readonly id: string
  readonly attempt: number
  readonly outcome: 'delivered' | 'again' | 'failed'
  /** Before the next attempt. */
  readonly delayMs: number
  readonly durationMs: number
  readonly status: number | null
  readonly error: string | null
}

/** What an attempt's result did to its delivery. */
export type Settled = {
  readonly id: string
  readonly webhookId: string
  readonly subject: string
  readonly status: 'due' | 'delivered' | 'failed'
  /** Its time was over. */
  readonly gaveUp: boolean
}

const open = `('waiting', 'due')`
const maxLog = 50

/**
 * Walks the index from queue to queue, however many deliveries each has. The longest due of each webhook come before
 * the second of any: one whose jobs name a thousand hosts hides no other.
 */
const listDue = `
  with recursive heads as (
    (select queue, next_at, webhook_id, url from webhook_deliveries
      where status = 'due' order by queue, next_at limit 1)
    union all
    select next.* from heads cross join lateral (
      select queue, next_at, webhook_id, url from webhook_deliveries
       where status = 'due' and queue > heads.queue order by queue, next_at limit 1) next
  )
  select queue, "webhookId", url, "inMs" from (
    select h.queue, h.webhook_id as "webhookId", coalesce(h.url, w.url) as url,
           extract(epoch from h.next_at - now())::float8 * 1000 as "inMs",
           row_number() over (partition by h.webhook_id order by h.next_at) as nth
      from heads h join webhooks w on w.id = h.webhook_id) ranked
   where nth <= $2 order by "inMs" > 0, nth, "inMs" limit $1`

/**
 * Due again after the lease: what a process does not tell the end of, another one repeats. The ids as an array, for
 * of a join the planner thinks that it is with a large part of the table, and reads all of it.
 */
const claim = `
  with picked as materialized (
    select one.id from unnest($1::text[], $2::int[]) as wanted(queue, room)
     cross join lateral (
       select id from webhook_deliveries d
        where d.status = 'due' and d.queue = wanted.queue and d.next_at <= now()
        order by d.next_at limit wanted.room for update skip locked) one
  ), claimed as (
    update webhook_deliveries d
       set attempts = attempts + 1, first_at = coalesce(first_at, now()),
           next_at = now() + $3::float8 * interval '1 ms'
     where d.id = any(array(select id from picked))
    returning d.*
  )
  select c.id, c.attempts as attempt, c.attempts - c.before as failures, c.queue, c.webhook_id as "webhookId",
         w.job_urls_of is not null as "isJobUrl", c.type, coalesce(c.url, w.url) as url, c.body,
         a.cursor::text, a.space_id as "spaceId", a.time, a.data::text, w.enabled, w.secret,
         case when w.previous_until > now() then w.previous_secret end as "previousSecret",
         exists (
           select from users u where u.id = coalesce(c.submitted_by, w.owner_id) and u.disabled_at is null
              and (u.role = 'admin' or exists (
                select from memberships m where m.space_id = w.space_id and m.user_id = u.id))) as allowed
    from claimed c join webhooks w on w.id = c.webhook_id left join activity a on a.cursor = c.cursor`

/**
 * An attempt that was given up by then (its lease was over) has no say, unless it succeeded: what arrived has
 * arrived. Of two results of one delivery in a batch either counts.
 */
const settle = `
  with result as (
    select * from unnest($1::uuid[], $2::int[], $3::text[], $4::float8[], $5::int[], $6::int[], $7::text[])
                  as r(id, attempt, outcome, delay_ms, duration_ms, answer, error)
  ), locked as (
    select r.*, d.first_at + $8::float8 * interval '1 ms' as until
      from webhook_deliveries d join result r using (id)
     where (d.status = 'due' and d.attempts = r.attempt) or (d.status <> 'delivered' and r.outcome = 'delivered')
     order by d.id for update of d
  )
  update webhook_deliveries d
     set status = case when r.outcome = 'again' and now() < r.until then 'due'
                       when r.outcome = 'delivered' then 'delivered' else 'failed' end,
         next_at = case when r.outcome = 'again'
                        then least(now() + r.delay_ms * interval '1 ms', greatest(r.until, now())) else d.next_at end,
         finished_at = case when r.outcome = 'again' and now() < r.until then null else now() end,
         last_status = r.answer, last_error = r.error,
         log = (case when jsonb_array_length(d.log) >= ${maxLog} then d.log - 0 else d.log end)
               || jsonb_build_object('number', r.attempt, 'status', r.answer, 'error', r.error,
                    'durationMs', r.duration_ms,
                    'at', to_char((now() - r.duration_ms * interval '1 ms') at time zone 'utc',
                                  'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
    from locked r where d.id = r.id
  returning d.id, d.webhook_id as "webhookId", d.subject, d.status,
            r.outcome = 'again' and d.status = 'failed' as "gaveUp"`

/** The first open delivery of a subject becomes due. Which one that is, only a look after every commit tells. */
const promoteIn = `
  update webhook_deliveries d set status = 'due', next_at = now()
   where d.status = 'waiting' and d.id in (
     select first.id from unnest($1::uuid[], $2::text[]) as l(webhook_id, subject)
      cross join lateral (
        select id, status from webhook_deliveries o
         where o.webhook_id = l.webhook_id and o.subject = l.subject and o.status in ${open}
         order by seq limit 1) first
      where first.status = 'waiting')`

const promoteAll = `
  update webhook_deliveries d set status = 'due', next_at = now()
   where d.status = 'waiting' and not exists (
     select from webhook_deliveries o
      where o.webhook_id = d.webhook_id and o.subject = d.subject and o.status in ${open} and o.seq < d.seq)`

@Injectable()
export class DeliveriesRepository {
  constructor(private readonly store: GatewayStore) {}

  /** Each queue's next delivery, what is due first; so many of one webhook at most. */
  async listDue(limit: number, perWebhook: number): Promise<readonly DueHead[]> {
    const { rows } = await this.store.sql.query<DueHead>(listDue, [limit, perWebhook], {
      name: 'webhooks-due',
    })
    return rows
  }

  async claim(
    wanted: readonly { queue: string; room: number }[],
    leaseMs: number,
  ): Promise<readonly Claimed[]> {
    type Row = Omit<Claimed, 'event'> & { cursor: string | null; spaceId: string | null } & {
      time: Date
      data: string
    }
    const { rows } = await this.store.sql.query<Row>(
      claim,
      [wanted.map(({ queue }) => queue), wanted.map(({ room }) => room), leaseMs],
      { name: 'webhooks-claim' },
    )
    return rows.map(({ cursor, spaceId, time, data, ...row }) => ({
      ...row,
      event: cursor === null ? null : { cursor, spaceId, time, data },
    }))
  }

  async settle(results: readonly AttemptResult[], patienceMs: number): Promise<readonly Settled[]> {
    const column = <K extends keyof AttemptResult>(name: K) => results.map((result) => result[name])
    const settled = await this.store.sql.transact(async (tx) => {
      const { rows } = await tx.query<Settled>(
        settle,
        [
          column('id'),
          column('attempt'),
          column('outcome'),
          column('delayMs'),
          column('durationMs').map(Math.round),
          column('status'),
          column('error'),
          patienceMs,
        ],
        { name: 'webhooks-settle' },
      )
      return rows
    })
    await this.promote(settled.filter(({ status }) => status !== 'due'))
    return settled
  }

  /**
   * Lets the next of these subjects go. After the commit of what ended or was added, never in it: of two that
   * look before either has committed, neither would see that it is the next one's turn.
   */
  async promote(lanes: readonly { webhookId: string; subject: string }[]): Promise<void> {
    if (lanes.length === 0) return
    await this.store.sql.query(
      promoteIn,
      [lanes.map(({ webhookId }) => webhookId), lanes.map(({ subject }) => subject)],
      { name: 'webhooks-promote' },
    )
  }

  /** What a process left waiting that died between the two. */
  async promoteAll(): Promise<number> {
    const { rowCount } = await this.store.sql.query(promoteAll)
    return rowCount ?? 0
  }

  /** Failures are remembered since the first; one success makes them forgotten. */
  async noteHealth(failed: readonly string[], well: readonly string[]): Promise<void> {
    await this.store.sql.query(
      `update webhooks set failing_since = case when id = any($2::uuid[]) then null else now() end
        where (id = any($2::uuid[]) and failing_since is not null)
           or (id = any($1::uuid[]) and failing_since is null)`,
      [failed, well],
      { name: 'webhooks-health' },
    )
  }

  /** Switches a webhook off; its open deliveries have failed. False when it was off. */
  async disable(id: string, reason: string, failingForMs?: number): Promise<boolean> {
    return this.store.sql.transact(async (tx) => {
      const { rowCount } = await tx.query(
        `update webhooks set enabled = false, disabled_at = now(), disabled_reason = $2, updated_at = now()
          where id = $1 and enabled and job_urls_of is null
            and ($3::float8 is null or failing_since <= now() - $3::float8 * interval '1 ms')`,
        [id, reason, failingForMs ?? null],
      )
      if (rowCount === 0) return false
      await endOpen(tx, id, 'WEBHOOK_DISABLED')
      return true
    })
  }

  async endOpen(webhookId: string, error: string): Promise<void> {
    await this.store.sql.transact((tx) => endOpen(tx, webhookId, error))
  }

  async sweep({ deliveredMs, failedMs }: { deliveredMs: number; failedMs: number }): Promise<void> {
    await this.store.sql.query(
      `delete from webhook_deliveries
        where finished_at is not null
          and finished_at < now() - case status when 'delivered' then $1::float8 else $2::float8 end * interval '1 ms'`,
      [deliveredMs, failedMs],
    )
  }
}

async function endOpen(tx: SqlTransaction, webhookId: string, error: string): Promise<void> {
  await tx.query(
    `update webhook_deliveries set status = 'failed', finished_at = now(), last_error = $2
      where webhook_id = $1 and status in ${open}`,
    [webhookId, error],
  )
}
