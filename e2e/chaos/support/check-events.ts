import { waitFor } from '@easel/testing'
import type { Json } from '../../support/api.ts'
import type { CheckContext } from './check-context.ts'
import { terminal } from './ledger.ts'

const catchUpMs = 30_000
/** A delivery that has failed three times waits two minutes. */
const webhookMs = 240_000

/** I6: whoever listened has heard all that he may, in order and once; as if he had asked for it. */
export async function checkSubscribers({ subscribers, owner, findings }: CheckContext): Promise<void> {
  for (const { person, subscriber } of subscribers) {
    const all = await listEvents((path) => owner(person).send('GET', path))
    if (all === undefined) {
      findings.violated('I6', `the events of person ${person} cannot be listed`)
      continue
    }
    const newest = all.at(-1)
    await waitFor(() => subscriber.ids.at(-1) === newest, {
      timeoutMs: catchUpMs,
      describe: 'the subscriber to catch up',
    }).catch(() => undefined)
    const heard = new Set(subscriber.ids)
    const missed = all.filter((id) => !heard.has(id))
    const known = new Set(all)
    const invented = subscriber.ids.filter((id) => !known.has(id) && BigInt(id) <= BigInt(newest ?? 0))
    const disorder = subscriber.ids.filter(
      (id, at) => at > 0 && BigInt(id) <= BigInt(subscriber.ids[at - 1]!),
    )
    if (missed.length > 0) {
      findings.violated('I6', `${subscriber.name} missed ${missed.length} events, from ${missed[0]} on`)
    }
    if (invented.length > 0)
      findings.violated('I6', `${subscriber.name} heard ${invented.length} unknown events`)
    if (disorder.length > 0) {
      findings.violated('I6', `${subscriber.name} heard ${disorder.length} events twice or out of order`)
    }
    findings.lookedAt('events heard live', subscriber.ids.length)
    findings.lookedAt('connections of subscribers', subscriber.connections)
  }
}

async function listEvents(
  get: (path: string) => Promise<{ status: number; body: Json } | undefined>,
): Promise<string[] | undefined> {
  const ids: string[] = []
  for (let cursor = '0'; ;) {
    const answer = await get(`/api/events?after=${cursor}&limit=200`)
    if (answer?.status !== 200) return undefined
    const { items, nextCursor } = answer.body as { items: { id: string }[]; nextCursor: string }
    if (items.length === 0 && nextCursor === cursor) return ids
    ids.push(...items.map(({ id }) => id))
    cursor = nextCursor
  }
}

/** I6: who asked for it was told the end of each job, under ids that mean one message each, in order. */
export async function checkWebhooks(context: CheckContext, jobs: ReadonlyMap<string, Json>): Promise<void> {
  const { receiver, load, findings } = context
  if (!receiver) return
  const wanted = [...load.accepted.values()].filter(({ webhook }) => webhook)
  const endOf = (id: string) =>
    receiver.taken.find(
      ({ body }) =>
        (body.data as Json | undefined)?.id === id &&
        terminal.some((status) => body.type === `job.${status}`),
    )
  await waitFor(() => wanted.every(({ id }) => endOf(id)), {
    timeoutMs: webhookMs,
    describe: 'all webhooks',
  }).catch(() => undefined)
  for (const { id } of wanted) {
    const told = endOf(id)
    const status = String(jobs.get(id)?.status)
    if (!told) findings.violated('I6', `no webhook told that job ${id} is ${status}`)
    else if (told.body.type !== `job.${status}`) {
      findings.violated('I6', `a webhook told ${String(told.body.type)} of job ${id}, which is ${status}`)
    }
  }
  for (const [id, same] of Map.groupBy(receiver.taken, (delivery) => delivery.id)) {
    if (new Set(same.map(({ text }) => text)).size > 1) {
      findings.violated('I6', `webhook ${id} came with different bodies`)
    }
  }
  // In order: what comes after an end is a repeat of something that came before it.
  for (const [path, deliveries] of Map.groupBy(receiver.taken, (delivery) => delivery.path)) {
    const order = [...new Set(deliveries.map(({ id }) => id))]
    const ends = order.filter((id) =>
      terminal.some((status) => deliveries.find((each) => each.id === id)?.body.type === `job.${status}`),
    )
    if (ends.length > 1) findings.violated('I6', `${path} was told ${ends.length} ends`)
    if (ends[0] !== undefined && order.indexOf(ends[0]) !== order.length - 1) {
      findings.violated('I6', `${path} was told more after the end`)
    }
  }
  findings.lookedAt('webhooks taken', receiver.taken.length)
  findings.lookedAt('webhooks refused once', receiver.refused)
}
