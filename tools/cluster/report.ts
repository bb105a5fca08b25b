import type { Figures, Spread } from './figures.ts'
import type { Ledger } from './ledger.ts'
import { fairnessOf, spread, waitOf, type WorkerCount } from './figures.ts'

export type Moment = {
  ledger: Ledger
  workers: readonly WorkerCount[]
  timeScale: number
  startedMs: number
  nowMs: number
  minutes: number
}

/** One line for the terminal while it runs. */
export function statusLine({ ledger, workers, timeScale, startedMs, nowMs, minutes }: Moment): string {
  const virtual = (nowMs - startedMs) / 1_000 / timeScale
  const done = ledger.jobs.size - ledger.open.length
  const running = workers.filter((worker) => worker.running).length
  const judged = workers.reduce((sum, worker) => sum + worker.judged, 0)
  const cold = workers.reduce((sum, worker) => sum + worker.cold, 0)
  const loads = workers.reduce((sum, worker) => sum + worker.loads, 0)
  const waits = spread([...ledger.jobs.values()].map((job) => waitOf(job, timeScale)))
  return [
    virtual <= minutes * 60
      ? `${clock(virtual)} of ${clock(minutes * 60)}`
      : `${clock(minutes * 60)} and ${clock(virtual - minutes * 60)} for the rest`,
    `accepted ${ledger.jobs.size}`,
    `queued ${Math.max(0, ledger.open.length - running)}`,
    `running ${running}`,
    `done ${done}`,
    `${whole(virtual > 0 ? (done * 3_600) / virtual : 0)}/h`,
    `wait p50 ${seconds(waits.p50)} p99 ${seconds(waits.p99)}`,
    `warm ${judged > 0 ? percent(1 - cold / judged) : '–'}`,
    `loads ${loads}`,
    `Jain ${fairnessOf(ledger).toFixed(2)}`,
    `429 ${ledger.refused.get(429) ?? 0}`,
  ].join(' · ')
}

/** What it all came to, for people. */
export function reportOf(figures: Figures): string {
  const { jobs, timeScale, realSeconds } = figures
  const lines = [
    `${clock(figures.minutes * 60)} of submitting` +
      (timeScale === 1 ? '' : `, in ${seconds(realSeconds)} of real time (scale ${timeScale})`),
    '',
    ...table([
      ['jobs accepted', whole(jobs.accepted)],
      [
        '  succeeded, failed, canceled, expired',
        [jobs.succeeded, jobs.failed, jobs.canceled, jobs.expired].map(whole).join(', '),
      ],
      ['refused', countsText(figures.refused)],
      ['sent again', countsText(figures.retried)],
      ['ended while submitting', whole(figures.ended)],
      [
        'jobs per hour',
        whole(figures.jobsPerHour) +
          (timeScale === 1 ? '' : ` (${figures.jobsPerRealSecond.toFixed(1)} per real second)`),
      ],
      ['wait for a GPU', spreadText(figures.wait)],
      ['from submit to result', spreadText(figures.total)],
      ['warm', figures.warmShare === undefined ? '–' : percent(figures.warmShare)],
      ['models loaded', whole(figures.modelLoads)],
      ['fairness (Jain)', figures.fairness.toFixed(3)],
      ['GPU-hours', figures.gpuHours.toFixed(2)],
      ['GPUs busy', percent(figures.utilisation)],
      ...machineRows(figures),
      ...(figures.stretch === undefined ? [] : [['runs longer than simulated', percent(figures.stretch, 1)]]),
    ]),
    '',
    ...table([
      ['worker', 'GiB', 'jobs', 'busy', 'GPU-hours'],
      ...figures.workers.map(({ name, vramGib, jobs: count, utilisation, gpuHours }) => [
        name,
        vramGib === undefined ? '–' : String(vramGib),
        whole(count),
        percent(utilisation),
        gpuHours.toFixed(2),
      ]),
    ]),
    '',
    ...table([
      ['user', 'accepted', 'ended', 'GPU-hours', 'wait p50', 'p99'],
      ...figures.users.map(({ name, accepted, ended, gpuHours, wait }) => [
        name,
        whole(accepted),
        whole(ended),
        gpuHours.toFixed(2),
        seconds(wait.p50),
        seconds(wait.p99),
      ]),
    ]),
    '',
    ...table([
      ['class', 'accepted', 'wait p50', 'p99'],
      ...figures.classes.map(({ name, accepted, wait }) => [
        name,
        whole(accepted),
        seconds(wait.p50),
        seconds(wait.p99),
      ]),
    ]),
    ...(figures.broken.length > 0 ? ['', 'BROKEN PROMISES', ...figures.broken] : []),
  ]
  return lines.join('\n')
}

function machineRows({ processorsBusy, processorSecondsPerJob: perJob }: Figures): string[][] {
  if (processorsBusy === undefined) return []
  const share = perJob === undefined ? '' : `, ${(perJob * 1_000).toFixed(1)} ms for a job`
  return [['processors of this machine busy', percent(processorsBusy) + share]]
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of rows)
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length)
  return rows.map((row) =>
    row
      .map((cell, at) =>
        at === 0 || row.length === 2 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!),
      )
      .join('  ')
      .trimEnd(),
  )
}

function countsText(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([name, count]) => `${whole(count)} × ${name}`)
  return parts.length > 0 ? parts.join(', ') : 'none'
}

const spreadText = ({ p50, p99, max }: Spread) =>
  `p50 ${seconds(p50)}, p99 ${seconds(p99)}, longest ${seconds(max)}`
const whole = (value: number) => Math.round(value).toLocaleString('en-US')
const percent = (share: number, digits = 0) => `${(share * 100).toFixed(digits)} %`

function seconds(value: number): string {
  if (value < 10) return `${value.toFixed(1)} s`
  if (value < 180) return `${Math.round(value)} s`
  return value < 3 * 3_600 ? `${Math.round(value / 60)} min` : `${(value / 3_600).toFixed(1)} h`
}

function clock(value: number): string {
  const [whole, rest] = [Math.floor(value / 60), Math.floor(value % 60)]
  return `${String(whole).padStart(2, '0')}:${String(rest).padStart(2, '0')}`
}
