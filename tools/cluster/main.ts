import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { startCluster } from './cluster.ts'
import { startFarm } from './farm.ts'
import { figuresOf, type Period, type WorkerCount } from './figures.ts'
import { FlagError, help, readFlags, type Flags } from './flags.ts'
import { tooCompressed } from './honesty.ts'
import { Ledger, type LedgerUser } from './ledger.ts'
import { runLoad, type Workload } from './load.ts'
import { makePeople, ownerOf, removePeople } from './people.ts'
import { processorSeconds } from './processor-time.ts'
import { zipfWeights } from './random.ts'
import { reportOf, statusLine } from './report.ts'
import { graphOf, virtualModels } from './virtual-models.ts'
import { countsOfApi, countsOfFarm } from './worker-counts.ts'
import { workloadsOf } from './workflow-files.ts'

/** What is loaded: a box of ours or an Easel that runs already. */
type Target = {
  urls: readonly string[]
  users: readonly LedgerUser[]
  workloads: readonly Workload[]
  follow: 'events' | 'poll'
  counts: (ledger: Ledger) => Promise<WorkerCount[]>
}

const statusMs = 1_000
/** Shares from which on the figures tell of this machine as well. */
const crowded = 0.7
const stretched = 0.1
const stop = new AbortController()

async function main(): Promise<void> {
  const flags = readFlags(process.argv.slice(2), process.env)
  if (flags.help) {
    process.stdout.write(help)
    return
  }
  await using stack = new AsyncDisposableStack()
  const target = await (flags.target ? running(flags, flags.target, stack) : box(flags, stack))
  if (!stop.signal.aborted) await measure(flags, target)
  say('stopping')
}

async function box(flags: Flags, stack: AsyncDisposableStack): Promise<Target> {
  const models = virtualModels({ ...flags, count: flags.models })
  const warning = tooCompressed({ ...flags, models })
  if (warning) say(warning)
  const farm = stack.use(await startFarm({ ...flags, models, processes: flags.farmProcesses }))
  say(`${farm.urls.length} simulated GPUs are ready`)
  const cluster = stack.use(
    await startCluster({
      comfyUrls: farm.urls,
      replicas: flags.replicas,
      workerProcesses: flags.workerProcesses,
      log: say,
      onExit: (name, said) => {
        console.error(`${name} ended unasked.\n${said}`)
        process.exitCode = 1
        stop.abort()
      },
    }),
  )
  const url = cluster.urls[0]!
  const users = await makePeople({ ...flags, url, apiKey: cluster.apiKey })
  const weights = zipfWeights(models.length, flags.zipf)
  return {
    urls: cluster.urls,
    users,
    follow: 'events',
    workloads: models.map((model, index) => ({
      name: model.file,
      weight: weights[index]!,
      graph: (seed) => graphOf(model, seed),
    })),
    counts: () => countsOfFarm(farm, cluster.workerIds),
  }
}

async function running(
  flags: Flags,
  at: { url: string; apiKey: string },
  stack: AsyncDisposableStack,
): Promise<Target> {
  const made = await makePeople({ ...flags, ...at })
  stack.defer(() => removePeople(at, made))
  return {
    urls: [at.url],
    users: made.length > 0 ? made : [{ ...(await ownerOf(at)), flooder: flags.flooders > 0 }],
    workloads: await workloadsOf(flags.workflows, flags.zipf),
    // The feed of somebody who has worked here for years would have to be read from its beginning.
    follow: made.length > 0 ? 'events' : 'poll',
    counts: (ledger) => countsOfApi(at, ledger),
  }
}

async function measure(flags: Flags, target: Target): Promise<void> {
  const { timeScale, minutes } = flags
  const ledger = new Ledger(target.users)
  const before = await target.counts(ledger)
  const startedMs = performance.now()
  const processorBefore = await processorSeconds()
  let end: Pick<Period, 'untilMs' | 'after' | 'processors'> | undefined
  const ended = new AbortController()
  const showing = show(flags, { target, ledger, startedMs, signal: ended.signal })
  say(
    `${target.users.length} user${target.users.length === 1 ? ' submits' : 's submit'} for ${minutes} minutes (${Math.round(minutes * 60 * timeScale)} s of real time)`,
  )
  await runLoad({
    ...flags,
    ...target,
    ledger,
    signal: stop.signal,
    onSubmitted: async () => {
      const untilMs = performance.now()
      const processorAfter = await processorSeconds()
      end = {
        untilMs,
        after: await target.counts(ledger),
        // Of an Easel elsewhere only the load would be seen.
        ...(!flags.target &&
          processorBefore !== undefined &&
          processorAfter !== undefined && {
            processors: { seconds: processorAfter - processorBefore, count: availableParallelism() },
          }),
      }
    },
  })
  ended.abort()
  await showing
  const figures = figuresOf(ledger, { timeScale, fromMs: startedMs, before, ...end! })
  process.stdout.write(`\n${reportOf(figures)}\n`)
  if ((figures.processorsBusy ?? 0) > crowded || (figures.stretch ?? 0) > stretched) {
    say(
      'This machine was itself a bottleneck: a larger --time-scale or fewer --workers would tell more of the GPUs.',
    )
  }
  if (flags.json !== undefined) {
    const { target: hidden, ...settings } = flags
    const machine = { processors: availableParallelism(), node: process.version }
    const text = JSON.stringify(
      { settings: { ...settings, url: hidden?.url }, machine, ...figures },
      undefined,
      2,
    )
    await writeFile(flags.json, `${text}\n`)
  }
  if (figures.broken.length > 0) process.exitCode = 1
}

type Showing = { target: Target; ledger: Ledger; startedMs: number; signal: AbortSignal }

async function show(flags: Flags, { target, ledger, startedMs, signal }: Showing): Promise<void> {
  if (flags.quiet) return
  const { timeScale, minutes } = flags
  const terminal = process.stderr.isTTY
  for (;;) {
    // In a pipe ten lines are enough.
    await delay(terminal ? statusMs : Math.max(statusMs, minutes * 6_000 * timeScale), undefined, {
      signal,
    }).catch(() => undefined)
    if (signal.aborted) break
    const workers = await target.counts(ledger).catch((): WorkerCount[] => [])
    const line = statusLine({ ledger, workers, timeScale, startedMs, nowMs: performance.now(), minutes })
    process.stderr.write(terminal ? `\r\x1b[K${line.slice(0, process.stderr.columns - 1)}` : `${line}\n`)
  }
  if (terminal) process.stderr.write('\r\x1b[K')
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // Asked twice: all that was started ends with us, by the kernel, only temporary folders are left.
    if (stop.signal.aborted) process.exit(130)
    stop.abort()
  })
}

await main().catch((cause: unknown) => {
  const wrongFlags = cause instanceof FlagError
  console.error(wrongFlags ? `${cause.message}\nSee pnpm cluster --help` : cause)
  process.exitCode = wrongFlags ? 2 : 1
})
