import type { Easel, Limits, LimitsView } from '@easel/client'
import type { Command } from 'commander'
import { accountOptions, findAccount, type AccountOptions } from '../accounts/find-account.ts'
import { amount, limitFacts, money, none, patterns, type OrNone } from '../accounts/limit-values.ts'
import { usageError } from '../exit-codes.ts'
import { formatFacts } from '../output/table.ts'
import type { Program } from './context.ts'

type WhoseOptions = AccountOptions & { allSpaces?: boolean; allUsers?: boolean }

type SetOptions = WhoseOptions & {
  weight?: OrNone<number>
  maxRunning?: OrNone<number>
  maxOpen?: OrNone<number>
  gpuSecondsPerDay?: OrNone<number>
  gpuSecondsPerMonth?: OrNone<number>
  costPerDay?: OrNone<number>
  costPerMonth?: OrNone<number>
  allowModel?: OrNone<string[]>
  denyNode?: OrNone<string[]>
}

export function addLimits({ root, act }: Program): void {
  const limits = root
    .command('limits')
    .summary('see and set what users and spaces may use')
    .description('See and set what users and spaces may use.')
    .addHelpText('after', examples)

  whoseOptions(
    limits.command('get').description('Show the limits of a user (you, when left out) or a space.'),
  ).action(
    act(async (context, options: WhoseOptions) => {
      const found = await (await holderOf(await context.api(), options)).get()
      context.out.show(found, linesOf)
    }),
  )
  whoseOptions(limits.command('set').description('Change limits; what is not named stays. For admins.'))
    .option('--weight <n>', 'share in the fair order, 1 by default', amount('--weight', { min: 0.01 }))
    .option('--max-running <n>', 'jobs at workers at once', amount('--max-running', { whole: true }))
    .option('--max-open <n>', 'jobs that have not ended', amount('--max-open', { whole: true }))
    .option('--gpu-seconds-per-day <n>', 'GPU-seconds', amount('--gpu-seconds-per-day'))
    .option('--gpu-seconds-per-month <n>', 'GPU-seconds', amount('--gpu-seconds-per-month'))
    .option('--cost-per-day <dollars>', 'money', money('--cost-per-day'))
    .option('--cost-per-month <dollars>', 'money', money('--cost-per-month'))
    .option('--allow-model <pattern>', 'these only, * for any letters; may be repeated', patterns)
    .option('--deny-node <pattern>', 'not these, * for any letters; may be repeated', patterns)
    .action(
      act(async (context, options: SetOptions) => {
        const changes = changesOf(options)
        if (Object.keys(changes).length === 0) throw usageError('Say what to set, such as --max-open 100')
        const holder = await holderOf(await context.api(), options)
        const { limits: before } = await holder.get()
        context.out.show(await holder.set({ ...before, ...changes }), linesOf)
      }),
    )
}

function whoseOptions(command: Command): Command {
  return accountOptions(command)
    .option('--all-spaces', 'what holds for spaces that have none of their own')
    .option('--all-users', 'what holds for users that have none of their own')
}

type Holder = { get(): Promise<LimitsView>; set(limits: Limits): Promise<LimitsView> }

async function holderOf(api: Easel, options: WhoseOptions): Promise<Holder> {
  const { space, user, allSpaces, allUsers } = options
  if ([space, user, allSpaces, allUsers].filter((option) => option !== undefined).length > 1) {
    throw usageError('Name one of --space, --user, --all-spaces and --all-users')
  }
  if (allSpaces || allUsers) {
    const of = allSpaces ? 'spaces' : 'users'
    return { get: () => api.limits.get(of), set: (limits) => api.limits.set(of, limits) }
  }
  const { kind, id } = await findAccount(api, options)
  const accounts = kind === 'space' ? api.spaces : api.users
  return { get: () => accounts.budget(id), set: (limits) => accounts.setBudget(id, limits) }
}

function changesOf(options: SetOptions): Limits {
  const { weight, maxRunning, maxOpen, gpuSecondsPerDay, gpuSecondsPerMonth } = options
  const given: Record<keyof Limits, OrNone<number | string[]> | undefined> = {
    weight,
    maxRunning,
    maxOpen,
    gpuSecondsPerDay,
    gpuSecondsPerMonth,
    costMicrosPerDay: options.costPerDay,
    costMicrosPerMonth: options.costPerMonth,
    allowedModels: options.allowModel,
    deniedNodes: options.denyNode,
  }
  const named = Object.entries(given).filter(([, value]) => value !== undefined)
  return Object.fromEntries(named.map(([name, value]) => [name, value === none ? null : value]))
}

function linesOf({ effective }: LimitsView): string[] {
  const lines = formatFacts(limitFacts(effective))
  return lines.length > 0 ? lines : ['No limits.']
}

const examples = `
A limit is taken away with "none": then what is set for all holds.

Examples:
  easel limits get
  easel limits set --space my-team --weight 2 --gpu-seconds-per-day 36000
  easel limits set --all-users --max-open 200 --cost-per-month 50
  easel limits set --user ann@example.org --deny-node 'Exec*' --allow-model 'sdxl/*'`
