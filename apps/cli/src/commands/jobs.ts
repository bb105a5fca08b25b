import type { ListOptions } from '../jobs/list-options.ts'
import { Option } from 'commander'
import type { JobView } from '@easel/client'
import { wholeNumber } from '../run/values.ts'
import { pageOptions } from './page-options.ts'
import type { Program } from './context.ts'

const statuses: readonly JobView['status'][] = [
  'queued',
  'running',
  'canceling',
  'succeeded',
  'failed',
  'canceled',
  'expired',
]

export function addJobs({ root, act }: Program): void {
  const jobs = root
    .command('jobs')
    .summary('look at jobs, cancel and repeat them')
    .description('Look at jobs, cancel and repeat them.')
    .addHelpText('after', examples)

  pageOptions(jobs.command('list').description('List jobs, the newest first.'))
    .addOption(new Option('-s, --status <status...>', 'with one of these').choices(statuses))
    .option('--session <id>', 'of this session')
    .option('--workflow <id>', 'of this kept workflow')
    .option('--since <time>', 'made since this ISO time')
    .action(
      act(async (context, options: ListOptions) => {
        const { listJobs } = await import('../jobs/show-jobs.ts')
        return listJobs(context, options)
      }),
    )
  jobs
    .command('show')
    .description('Show a job with its times, attempts and outputs.')
    .argument('<id>')
    .action(
      act(async (context, id: string) => {
        const { showJob } = await import('../jobs/show-jobs.ts')
        return showJob(context, id)
      }),
    )
  jobs
    .command('cancel')
    .description('Cancel jobs.')
    .argument('<id...>')
    .action(
      act(async (context, ids: string[]) => {
        const { cancelJobs } = await import('../jobs/show-jobs.ts')
        return cancelJobs(context, ids)
      }),
    )
  jobs
    .command('retry')
    .description('Submit a finished job again, as a new job; prints its id.')
    .argument('<id>')
    .action(
      act(async (context, id: string) => {
        const { retryJob } = await import('../jobs/show-jobs.ts')
        return retryJob(context, id)
      }),
    )
  jobs
    .command('explain')
    .description('Say why a job waits.')
    .argument('<id>')
    .action(
      act(async (context, id: string) => {
        const { explainJob } = await import('../jobs/show-jobs.ts')
        return explainJob(context, id)
      }),
    )
  jobs
    .command('graph')
    .description('Print the graph as it was run: `easel run` takes it again.')
    .argument('<id>')
    .action(
      act(async (context, id: string) => {
        const { printGraph } = await import('../jobs/show-jobs.ts')
        return printGraph(context, id)
      }),
    )
  jobs
    .command('watch')
    .description('Follow jobs until they end, or without an id every event of every job.')
    .argument('[id...]')
    .option('--timeout <seconds>', 'wait so long at most', wholeNumber('--timeout', { min: 1, max: 1e7 }))
    .action(
      act(async (context, ids: string[], options: { timeout?: number }) => {
        const { watchJobs } = await import('../jobs/watch-jobs.ts')
        return watchJobs(context, ids, options)
      }),
    )
}

const examples = `
Examples:
  easel jobs list --status running queued
  easel jobs explain 0193…          why does it wait?
  easel jobs graph 0193… | easel run - --set 3.seed=7
  easel jobs watch                  everything that happens, line by line`
