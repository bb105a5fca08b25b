import { newId } from '@easel/protocol'
import type { JobView } from '@easel/client'
import type { Context } from '../commands/context.ts'
import type { ListOptions } from './list-options.ts'
import { failureOf, jobFacts, outputLines, progressOf } from '../output/describe-job.ts'
import { safeLines } from '../output/safe-text.ts'
import type { Column } from '../output/table.ts'
import { formatAge, formatMs, formatSeconds } from '../output/units.ts'
import { titlesOf } from '../run/read-workflow.ts'

const columns: readonly Column<JobView>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'STATUS', value: ({ status }) => status },
  { title: 'PROGRESS', value: progressOf, flexible: true },
  { title: 'NAME', value: ({ name, kind }) => name ?? kind, flexible: true },
  { title: 'OUT', value: ({ outputs }) => outputs.length, side: 'right', optional: true },
  { title: 'TOOK', value: ({ timings }) => formatMs(timings.totalMs), side: 'right', optional: true },
  { title: 'CREATED', value: ({ createdAt }) => formatAge(createdAt) },
]

export async function listJobs(context: Context, options: ListOptions): Promise<void> {
  const { limit, cursor, status, session: sessionId, workflow: workflowId, since } = options
  const api = await context.api()
  const page = await api.jobs.list({ limit, cursor, status, sessionId, workflowId, since })
  context.out.list(page, columns)
}

export async function showJob(context: Context, id: string): Promise<void> {
  const { out } = context
  const api = await context.api()
  const job = await api.jobs.get(id)
  if (out.json) return out.printJson(job)
  out.facts(jobFacts(job))
  if (job.outputs.length > 0) out.printLines(['', 'Outputs', ...outputLines(job)])
  if (job.warnings.length > 0) {
    out.printLines(['', 'Warnings', ...job.warnings.map(({ path, message }) => `  ${path}: ${message}`)])
  }
  const titles = job.status === 'failed' ? titlesOf((await api.jobs.graph(id)).graph) : undefined
  const failure = failureOf(job, titles)
  if (!failure) return
  const faults = failure.extra.faults ?? []
  out.printLines(['', failure.message, ...faults.map(({ path, message }) => `  ${path}: ${message}`)])
  out.printLines((job.error?.traceback ?? []).flatMap((text) => safeLines(text)))
}

export async function cancelJobs(context: Context, ids: readonly string[]): Promise<void> {
  const api = await context.api()
  const items = await Promise.all(ids.map((id) => api.jobs.cancel(id)))
  if (context.out.json) return context.out.printJson({ items, nextCursor: null })
  context.out.printLines(items.map(({ id, status }) => `${id}  ${status}`))
}

export async function retryJob(context: Context, id: string): Promise<void> {
  const job = await (await context.api()).jobs.retry(id, { idempotencyKey: newId() })
  context.out.show(job, () => [job.id])
}

export async function explainJob(context: Context, id: string): Promise<void> {
  const explanation = await (await context.api()).jobs.explain(id)
  context.out.show(explanation, ({ status, position, etaSeconds, reasons }) => {
    const place = position ? `, place ${position}` : ''
    const eta = etaSeconds ? `, about ${formatSeconds(etaSeconds)} to go` : ''
    return [`${status}${place}${eta}`, ...reasons.map(({ code, message }) => `  ${message} [${code}]`)]
  })
}

/** As JSON whatever the options: it is made to be run again. With `--json` the inputs come along. */
export async function printGraph(context: Context, id: string): Promise<void> {
  const answer = await (await context.api()).jobs.graph(id)
  if (context.out.json) context.out.printJson(answer)
  else context.out.printJson(answer.graph)
}
