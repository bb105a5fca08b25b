import { newId } from '@easel/protocol'
import { Injectable } from '@nestjs/common'
import { GatewayStore } from '../gateway.store.ts'
import { jobEnds, matches } from './event-filter.ts'
import { SigningSecrets } from './signing-secrets.ts'
import type { SqlTransaction } from '@easel/database'

type Event = {
  readonly cursor: string
  readonly spaceId: string | null
  readonly type: string
  readonly subject: string
  readonly webhookUrl: string | null
  readonly submittedBy: string | null
}

type Target = {
  readonly id: string
  readonly spaceId: string
  readonly events: readonly string[]
  readonly isJobUrls: boolean
  readonly enabled: boolean
  readonly allowed: boolean
}

type NewDelivery = Pick<Event, 'cursor' | 'type' | 'subject'> & {
  readonly webhookId: string
  readonly queue: string
  readonly url: string | null
  readonly submittedBy: string | null
}

type Added = { readonly webhookId: string; readonly subject: string; readonly status: 'waiting' | 'due' }

export type Dispatched = {
  /** How many events were looked at. */
  readonly events: number
  readonly added: readonly Added[]
}

/** No name of a host is longer; an index takes no row of any length, and none may stop all others. */
const maxHost = 260

/** One at a time, whoever comes first: the row's lock ends with its transaction, however that ends. */
const takeTurn = `select cursor from webhook_progress where id = 1 for update skip locked`

const listEvents = `
  select cursor, space_id as "spaceId", type, subject, webhook_url as "webhookUrl",
         case when webhook_url is not null then data ->> 'createdBy' end as "submittedBy"
    from activity where cursor > $1 order by cursor limit $2`

const listTargets = `
  select w.id, w.space_id as "spaceId", w.events, w.job_urls_of is not null as "isJobUrls", w.enabled,
         w.job_urls_of is not null or exists (
           select from users u where u.id = w.owner_id and u.disabled_at is null
              and (u.role = 'admin' or exists (
                select from memberships m where m.space_id = w.space_id and m.user_id = u.id))) as allowed
    from webhooks w where w.space_id = any($1::uuid[]) and (w.enabled or w.job_urls_of is not null)
     for key share`

/** Due at once where nothing of the same subject is open, here or in the table. */
const insert = `
  insert into webhook_deliveries (id, webhook_id, cursor, type, subject, url, submitted_by, queue, status)
  select n.id, n.webhook_id, n.cursor, n.type, n.subject, n.url, n.submitted_by, n.queue,
         case when n.nth = 1 and not exists (
           select from webhook_deliveries o where o.webhook_id = n.webhook_id and o.subject = n.subject
              and o.status in ('waiting', 'due')) then 'due' else 'waiting' end
    from (
      select *, row_number() over (partition by webhook_id, subject order by place) as nth
        from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::text[])
             with ordinality as r(id, webhook_id, cursor, type, subject, url, submitted_by, queue, place)) n
   order by n.place
  on conflict (webhook_id, cursor) do nothing
  returning webhook_id as "webhookId", subject, status`

const insertJobUrls = `
  insert into webhooks (id, space_id, job_urls_of, events, secret, created_by, owner_id)
  select $1, s.id, s.id, $3, $4, $5, $5 from spaces s where s.id = $2
  on conflict (job_urls_of) do nothing`

/** Rows of the feed become deliveries, in the transaction that says how far the feed was read. */
@Injectable()
export class DispatchRepository {
  constructor(
    private readonly store: GatewayStore,
    private readonly secrets: SigningSecrets,
  ) {}

  /** Nothing when it is another's turn. */
  dispatch(limit: number): Promise<Dispatched> {
    return this.store.sql.transact(async (tx) => {
      const turn = await tx.query<{ cursor: string }>(takeTurn, [], { name: 'webhooks-turn' })
      const { rows: events } = await tx.query<Event>(listEvents, [turn.rows[0]?.cursor ?? null, limit], {
        name: 'webhooks-events',
      })
      const last = events.at(-1)
      if (!last) return { events: 0, added: [] }
      const added = await this.#add(tx, events)
      await tx.query('update webhook_progress set cursor = $1 where id = 1', [last.cursor], {
        name: 'webhooks-progress',
      })
      return { events: events.length, added }
    })
  }

  async #add(tx: SqlTransaction, events: readonly Event[]): Promise<readonly Added[]> {
    const spaces = [...new Set(events.flatMap(({ spaceId }) => spaceId ?? []))]
    const targets = await this.#targets(tx, spaces, events)
    const gone = targets.filter(({ allowed, enabled }) => enabled && !allowed)
    if (gone.length > 0) await disable(tx, gone)
    const deliveries = events.flatMap((event) =>
      targets
        .filter((target) => target.enabled && target.allowed && target.spaceId === event.spaceId)
        .flatMap((target) => deliveryOf(event, target) ?? []),
    )
    if (deliveries.length === 0) return []
    const column = <K extends keyof NewDelivery>(name: K) => deliveries.map((delivery) => delivery[name])
    const { rows } = await tx.query<Added>(
      insert,
      [
        deliveries.map(() => newId()),
        column('webhookId'),
        column('cursor'),
        column('type'),
        column('subject'),
        column('url'),
        column('submittedBy'),
        column('queue'),
      ],
      { name: 'webhooks-insert' },
    )
    return rows
  }

  async #targets(tx: SqlTransaction, spaces: string[], events: readonly Event[]): Promise<readonly Target[]> {
    const list = async () =>
      (await tx.query<Target>(listTargets, [spaces], { name: 'webhooks-targets' })).rows
    const targets = await list()
    const served = new Set(targets.filter(({ isJobUrls }) => isJobUrls).map(({ spaceId }) => spaceId))
    const first = new Map(
      events
        .filter((event) => namesUrl(event) && event.spaceId !== null && !served.has(event.spaceId))
        .map(({ spaceId, submittedBy }) => [spaceId, submittedBy]),
    )
    if (first.size === 0) return targets
    for (const [spaceId, submittedBy] of first) {
      const id = newId()
      const { sealed } = this.secrets.make(id)
      await tx.query(insertJobUrls, [id, spaceId, jobEnds, sealed, submittedBy])
    }
    return list()
  }
}

function namesUrl({ webhookUrl, submittedBy, type }: Event): boolean {
  return webhookUrl !== null && submittedBy !== null && jobEnds.includes(type)
}

function deliveryOf(event: Event, target: Target): NewDelivery | undefined {
  const { cursor, type, subject, webhookUrl, submittedBy } = event
  const delivery = { cursor, type, subject, webhookId: target.id }
  if (!target.isJobUrls) {
    if (!target.events.some((pattern) => matches(pattern, type))) return undefined
    return { ...delivery, url: null, submittedBy: null, queue: target.id }
  }
  if (!namesUrl(event) || webhookUrl === null) return undefined
  const host = URL.parse(webhookUrl)?.host ?? ''
  const queue = `${target.id} ${host.slice(0, maxHost)}`
  return { ...delivery, url: webhookUrl, submittedBy, queue }
}

async function disable(tx: SqlTransaction, targets: readonly Target[]): Promise<void> {
  await tx.query(
    `update webhooks set enabled = false, disabled_at = now(), disabled_reason = 'MEMBER_LEFT', updated_at = now()
      where id = any($1::uuid[])`,
    [targets.map(({ id }) => id)],
  )
}
