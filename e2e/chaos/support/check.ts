import { waitFor } from '@easel/testing'
import type { CheckContext } from './check-context.ts'
import { checkBlobs, checkOutputs } from './check-bytes.ts'
import { checkSubscribers, checkWebhooks } from './check-events.ts'
import { checkJobs, checkLedger, checkUsage } from './check-jobs.ts'
import type { Findings } from './findings.ts'
import { terminal } from './ledger.ts'

/** The sweep that is to remove what nothing refers to, without its usual patience. */
const sweepNow = { EASEL_GALLERY_SWEEP: '2s', EASEL_GALLERY_ORPHAN_AGE: '1s', EASEL_GALLERY_GRACE: '1s' }
/** With that one nobody may work: what is about to be imported is old at once. */
const sweepLater = { EASEL_GALLERY_SWEEP: '1h', EASEL_GALLERY_ORPHAN_AGE: '1d', EASEL_GALLERY_GRACE: '1m' }

/** After the faults: waits until all is quiet, then looks at every promise from outside. */
export async function checkInvariants(context: CheckContext): Promise<Findings> {
  const { cluster, ledger, load, tally, findings, settleMs } = context
  await cluster.untilReady(60_000).catch((cause: unknown) => findings.violated('I5', String(cause)))
  await waitFor(
    async () => {
      const rows = await ledger.ask<{ id: string; status: string }>('select id, status from inference.jobs')
      const ended = new Set(rows.filter(({ status }) => terminal.includes(status)).map(({ id }) => id))
      const attempts = await ledger.count(
        `select count(*) from inference.attempts where state in ('bound', 'running')`,
      )
      const untold = await ledger.count(
        `select (select count(*) from inference.outbox where published_at is null)
           + (select count(*) from gallery.outbox where published_at is null) as count`,
      )
      const all = [...load.accepted.keys()].every((id) => ended.has(id)) && ended.size === rows.length
      return all && attempts === 0 && untold === 0
    },
    { timeoutMs: settleMs, describe: 'all jobs to end' },
  ).catch(() => undefined)

  const { log } = context
  log('all is quiet, or never will be; looking at the jobs')
  const jobs = await checkJobs(context)
  await checkOutputs(context, jobs)
  log('looking at events and webhooks')
  await checkSubscribers(context)
  await checkWebhooks(context, jobs)
  await checkLedger(context)
  await checkUsage(context)
  if (context.sweep) {
    log('waiting for the sweep')
    await restartGallery(context, sweepNow)
    await checkBlobs(context)
    await restartGallery(context, sweepLater)
  }
  for (const lie of tally.lies) findings.violated('I6', lie)
  for (const member of cluster.members) {
    for (const { name, end, said } of member.accidents) {
      findings.violated('I5', `${name} ended by itself (${end}):\n${said}`)
    }
  }
  for (const [status, count] of tally.statuses) findings.lookedAt(`answers ${status}`, count)
  findings.lookedAt('requests without an answer', tally.unanswered)
  return findings
}

async function restartGallery(
  { cluster, findings }: CheckContext,
  env: Record<string, string>,
): Promise<void> {
  for (const gallery of cluster.of('gallery')) {
    await gallery.restart(env)
    await gallery.untilReady(60_000).catch((cause: unknown) => findings.violated('I5', String(cause)))
  }
}
