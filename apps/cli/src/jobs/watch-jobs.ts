import { AppError } from '@easel/protocol'
import type { JobProgress, JobView } from '@easel/client'
import type { Context } from '../commands/context.ts'
import { exitCodes, failed, type ExitCode } from '../exit-codes.ts'
import { failureOf, progressOf } from '../output/describe-job.ts'
import { formatPercent } from '../output/units.ts'
import { leaveOnInterrupt } from '../run/interrupts.ts'
import { followJob } from '../run/follow-job.ts'
import { titlesOf } from '../run/read-workflow.ts'

/** Looking on changes nothing: Ctrl-C ends the watching, not the job. */
export async function watchJobs(
  context: Context,
  ids: readonly string[],
  { timeout }: { timeout?: number },
): Promise<ExitCode | void> {
  if (ids.length === 0) return watchAll(context, timeout)
  const { out } = context
  const api = await context.api()
  using interrupt = leaveOnInterrupt(`It goes on: easel jobs watch ${ids.join(' ')}`)
  const signal = AbortSignal.any([
    interrupt.signal,
    ...(timeout === undefined ? [] : [timeoutSignal(timeout)]),
  ])
  const jobs: JobView[] = []
  {
    using view = out.progress()
    for (const id of ids) {
      const [job, { graph }] = await Promise.all([api.jobs.get(id), api.jobs.graph(id)])
      const prefix = ids.length > 1 ? `${id}: ` : ''
      jobs.push(await followJob(api, job, { view, titles: titlesOf(graph), signal, prefix }))
    }
  }
  if (out.json) out.printJson(jobs.length === 1 ? jobs[0] : { items: jobs, nextCursor: null })
  else out.printLines(jobs.map(({ id, status }) => `${id}  ${status}`))
  const failures = jobs.map((job) => failureOf(job)).filter((failure) => failure !== undefined)
  if (failures.length === 0) return exitCodes.ok
  throw failures.length === 1
    ? failures[0]!
    : failed(`${failures.length} of ${jobs.length} jobs failed`, 'FAILED')
}

/** A line for each event, with `--json` the event itself. Ends when the server closes the stream. */
async function watchAll(context: Context, timeout: number | undefined): Promise<void> {
  const { out } = context
  const api = await context.api()
  const signal = timeout === undefined ? undefined : timeoutSignal(timeout)
  for await (const event of api.events.listen({ signal })) {
    if (!event.type.startsWith('job.')) continue
    if (out.json) out.printJson(event)
    else out.print(`${event.time.slice(11, 19)}  ${event.type.padEnd(14)} ${summaryOf(event.data)}`)
  }
  signal?.throwIfAborted()
}

function summaryOf(data: unknown): string {
  const job = data as Partial<JobView> & Partial<JobProgress> & { jobId?: string }
  if (job.jobId !== undefined) {
    const percent = job.value === undefined ? '' : formatPercent(job.value)
    return [job.jobId, percent, job.nodeClass].filter(Boolean).join('  ')
  }
  return [job.id, job.name, progressOf(job as JobView)].filter(Boolean).join('  ')
}

function timeoutSignal(seconds: number): AbortSignal {
  const controller = new AbortController()
  const error = new AppError('deadline', `Not done after ${seconds} s; it goes on`, { reason: 'TIMEOUT' })
  setTimeout(() => controller.abort(error), seconds * 1_000).unref()
  return controller.signal
}
