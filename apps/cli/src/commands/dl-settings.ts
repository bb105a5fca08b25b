import type { DownloadSettings, UpdateDownloadSettings } from '@easel/client'
import type { Command } from 'commander'
import { readHours, readRate, writeHours, type Hours } from '../downloads/hours.ts'
import { formatFacts } from '../output/table.ts'
import { formatBytes } from '../output/units.ts'
import { collect, parseSize, wholeNumber } from '../run/values.ts'
import type { Program } from './context.ts'

type Options = {
  rate?: number | 'none'
  hours?: (Hours | 'none')[]
  timeZone?: string
  concurrent?: number
  perHost?: number
  budget?: number | 'none'
}

// A null of a reader becomes an empty text.
const readRateOrNone = (text: string) => readRate(text) ?? 'none'
const readBudget = (text: string) => (text === 'none' ? 'none' : parseSize('--budget')(text))
const readHoursOrNone = (text: string) => (text === 'none' ? 'none' : readHours(text))

export function addDownloadSettings(dl: Command, { act }: Program): void {
  dl.command('settings')
    .description('Show the limits of all downloads together; admins change them.')
    .option('--rate <rate>', 'bytes a second over all of them: 5MiB, or none', readRateOrNone)
    .option(
      '--hours <hours...>',
      'another rate at some hours: "mon-fri 08:00-18:00 2MiB"; none takes all away',
      collect(readHoursOrNone),
    )
    .option('--time-zone <zone>', 'of the hours: Europe/Berlin; none for the server’s own')
    .option('--concurrent <n>', 'transfers at once', wholeNumber('--concurrent', { min: 1, max: 64 }))
    .option(
      '--per-host <n>',
      'connections to one server at once',
      wholeNumber('--per-host', { min: 1, max: 64 }),
    )
    .option('--budget <size>', 'what the hub may take: 2TiB, or none', readBudget)
    .action(
      act(async (context, options: Options) => {
        const { downloads } = await context.api()
        const change = changeOf(options)
        const isChange = Object.values(change).some((value) => value !== undefined)
        const settings = await (isChange ? downloads.updateSettings(change) : downloads.settings())
        context.out.show(settings, linesOf)
      }),
    )
}

function changeOf({ rate, hours, timeZone, concurrent, perHost, budget }: Options): UpdateDownloadSettings {
  return {
    maxBytesPerSecond: orNull(rate),
    schedule: hours?.filter((each) => each !== 'none'),
    timeZone: orNull(timeZone),
    maxConcurrent: concurrent,
    maxConnectionsPerHost: perHost,
    diskBudgetBytes: orNull(budget),
  }
}

function orNull<T>(value: T | 'none'): T | null {
  return value === 'none' ? null : value
}

function linesOf(settings: DownloadSettings): string[] {
  const { maxBytesPerSecond, maxConcurrent, maxConnectionsPerHost, schedule = [], timeZone } = settings
  return formatFacts([
    ['rate', rateOf(maxBytesPerSecond)],
    ...(schedule ?? []).map((hours) => [writeHours(hours), rateOf(hours.maxBytesPerSecond)] as const),
    ['time zone', timeZone],
    ['transfers at once', maxConcurrent],
    ['connections per host', maxConnectionsPerHost],
    ['budget of the hub', settings.diskBudgetBytes ? formatBytes(settings.diskBudgetBytes) : 'none'],
  ])
}

const rateOf = (rate: number | null | undefined) => (rate ? `${formatBytes(rate)}/s` : 'no cap')
