import type { UsageReport, UsageTotal } from '@easel/client'
import { Option } from 'commander'
import { accountOptions, findAccount, type AccountOptions } from '../accounts/find-account.ts'
import { formatCost } from '../accounts/limit-values.ts'
import { formatTable, type Column } from '../output/table.ts'
import { formatAge, formatCount, formatSeconds } from '../output/units.ts'
import { wholeNumber } from '../run/values.ts'
import type { Program } from './context.ts'

const columns: readonly Column<UsageTotal>[] = [
  { title: 'PERIOD', value: ({ period }) => period },
  { title: 'FROM', value: ({ startsOn }) => startsOn },
  { title: 'JOBS', value: ({ jobs }) => jobs, side: 'right' },
  { title: 'GPU', value: ({ gpuSeconds }) => formatSeconds(gpuSeconds), side: 'right' },
  { title: 'HELD BACK', value: ({ reservedGpuSeconds }) => heldBack(reservedGpuSeconds), side: 'right' },
  { title: 'OF', value: ({ gpuSecondsLimit }) => formatSeconds(gpuSecondsLimit), side: 'right' },
  { title: 'COST', value: ({ costMicros }) => formatCost(costMicros), side: 'right' },
  { title: 'OF', value: ({ costMicrosLimit }) => formatCost(costMicrosLimit), side: 'right', optional: true },
  { title: 'ENDS', value: ({ endsAt }) => formatAge(endsAt), optional: true },
]

type Options = AccountOptions & { last?: number; period?: 'day' | 'month' }

export function addUsage({ root, act }: Program): void {
  accountOptions(
    root
      .command('usage')
      .summary('see what you or a space have used')
      .description('See what you or a space have used, by day and month of UTC.')
      .addHelpText('after', examples),
  )
    .addOption(new Option('--period <period>', 'both when left out').choices(['day', 'month']))
    .option(
      '--last <n>',
      'so many periods, the present one included (1)',
      wholeNumber('--last', { min: 1, max: 400 }),
    )
    .action(
      act(async (context, { period, last, ...options }: Options) => {
        const api = await context.api()
        const { kind, id } = await findAccount(api, options)
        const report = await (kind === 'space' ? api.spaces : api.users).usage(id, { period, last })
        context.out.show(report, (found) => usageLines(found, context.out.columns))
      }),
    )
}

function usageLines({ totals, running, open }: UsageReport, width: number | undefined): string[] {
  return [
    ...formatTable(totals, columns, { columns: width }),
    '',
    `${formatCount(open, 'job')} not ended, ${running} at workers`,
  ]
}

const heldBack = (seconds: number): string => (seconds > 0 ? formatSeconds(seconds) : '')

const examples = `
Examples:
  easel usage
  easel usage --space my-team --period day --last 30
  easel usage --json | jq '.totals[0].gpuSeconds'`
