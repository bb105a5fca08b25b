import { AppError } from '@easel/protocol'
import { openAsBlob } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Easel, JobView, SubmitJob } from '@easel/client'
import type { Context } from '../commands/context.ts'
import type { RunOptions } from './run-options.ts'
import { failed, usageError } from '../exit-codes.ts'
import { failureOf } from '../output/describe-job.ts'
import type { ProgressView } from '../output/progress.ts'
import { formatCount, formatMs } from '../output/units.ts'
import { fetchOutput, outputsToKeep, type SavedOutput } from './fetch-outputs.ts'
import { followJob } from './follow-job.ts'
import { onInterrupt } from './interrupts.ts'
import { nodesOf, readWorkflow, titlesOf, uuid } from './read-workflow.ts'
import { countSeeds, seedsOf } from './seeds.ts'
import { submitJob } from './submit-job.ts'
import { toRecord } from './values.ts'

type Prepared = {
  readonly bodies: readonly SubmitJob[]
  readonly titles: ReadonlyMap<string, string>
}

/** Submits, follows, saves and tells; rejects with what went wrong, after the jobs have been told of. */
export async function runWorkflow(context: Context, workflow: string, options: RunOptions): Promise<void> {
  const { out } = context
  const api = await context.api()
  const { bodies, titles } = await prepare(api, workflow, options)
  const run = new Run(api, context, { options, titles })
  using _interrupt = onInterrupt(() => run.interrupt())
  try {
    await run.submit(bodies)
    if (options.wait) await run.follow()
  } finally {
    if (out.json) out.printJson({ jobs: run.jobs, files: run.files })
  }
  if (!options.wait && !out.json) for (const { id } of run.jobs) out.print(id)
}

class Run {
  readonly files: SavedOutput[] = []
  jobs: JobView[] = []
  readonly #api: Easel
  readonly #context: Context
  readonly #options: RunOptions
  readonly #titles: ReadonlyMap<string, string>
  readonly #stop = new AbortController()
  #interrupted = false
  #view: ProgressView | undefined

  constructor(
    api: Easel,
    context: Context,
    { options, titles }: Pick<Prepared, 'titles'> & { options: RunOptions },
  ) {
    this.#api = api
    this.#context = context
    this.#options = options
    this.#titles = titles
  }

  async submit(bodies: readonly SubmitJob[]): Promise<void> {
    for (const body of bodies) {
      if (this.#interrupted) break
      this.jobs.push(await submitJob(this.#api, body))
    }
    if (this.#interrupted) await this.#cancel()
  }

  /** Asks the server to cancel; what then becomes of the jobs is followed as before. */
  interrupt(): void {
    this.#interrupted = true
    const line = 'Canceling … (again: leave at once)'
    if (this.#view) this.#view.note(line)
    else this.#context.out.note(line)
    this.#cancel().catch((cause: unknown) => this.#stop.abort(cause))
  }

  async follow(): Promise<void> {
    const failures: AppError[] = []
    const timer = this.#startTimer()
    using view = this.#context.out.progress()
    this.#view = view
    try {
      for (const [index, submitted] of this.jobs.entries()) {
        const prefix = this.jobs.length > 1 ? `[${index + 1}/${this.jobs.length}] ` : ''
        const following = { view, titles: this.#titles, signal: this.#stop.signal, prefix }
        const job = await followJob(this.#api, submitted, following)
        this.jobs[index] = job
        const failure = failureOf(job, this.#titles)
        if (failure && this.jobs.length > 1) view.note(`${prefix}${failure.message}`)
        if (failure) failures.push(failure)
        else await this.#save(job, view, prefix)
      }
    } finally {
      this.#view = undefined
      clearTimeout(timer)
    }
    if (failures.length > 0) throw allOf(failures, this.jobs.length)
  }

  async #save(job: JobView, view: ProgressView, prefix: string): Promise<void> {
    const { out } = this.#context
    for (const { path, message } of job.warnings) view.note(`Warning: ${path}: ${message}`)
    const kept = outputsToKeep(job, this.#options.previews === true)
    for (const output of kept) {
      const saved = await fetchOutput(this.#api, output, { job, directory: this.#options.output })
      this.files.push(saved)
      if (!out.json) view.above(() => out.print(saved.path))
    }
    const left = job.outputs.length - kept.length
    if (left > 0) view.note(`${formatCount(left, 'preview')} left out: --previews saves them`)
    const { totalMs } = job.timings
    view.note(`${prefix}Done${totalMs ? ` in ${formatMs(totalMs)}` : ''}`)
  }

  async #cancel(): Promise<void> {
    await Promise.all(this.jobs.map((job) => this.#api.jobs.cancel(job.id)))
  }

  #startTimer(): NodeJS.Timeout | undefined {
    const { timeout } = this.#options
    if (timeout === undefined) return undefined
    return setTimeout(() => {
      const ids = this.jobs.map(({ id }) => id).join(' ')
      const message = `Not done after ${timeout} s; it goes on: easel jobs watch ${ids}`
      this.#stop.abort(new AppError('deadline', message, { reason: 'TIMEOUT' }))
    }, timeout * 1_000)
  }
}

function allOf(failures: readonly AppError[], jobs: number): AppError {
  const [first] = failures
  if (failures.length === 1 && jobs === 1) return first!
  const canceled = failures.find(({ reason }) => reason === 'CANCELED')
  return canceled ?? failed(`${failures.length} of ${jobs} jobs failed`, first!.reason ?? 'FAILED')
}

async function prepare(api: Easel, workflow: string, options: RunOptions): Promise<Prepared> {
  const overrides = toRecord(options.set)
  const kept = uuid.test(workflow) && !(await isFile(workflow))
  const file = kept ? undefined : await readWorkflow(workflow)
  const graph = file?.graph ?? (await keptGraph(api, workflow, options))
  const nodes = nodesOf(graph)
  const runs = countSeeds(options.count > 1 ? seedsOf(nodes) : [], overrides, options.count)
  const shared: SubmitJob = {
    ...(file ? { workflow: file.graph } : { workflowId: workflow, version: options.at }),
    ...(file?.ui && { extra: { workflow: file.ui } }),
    inputs: await upload(api, options.image ?? [], options.session),
    name: options.name,
    sessionId: options.session,
    pool: options.pool,
    priority: options.priority,
    rank: options.rank,
    labels: options.label,
    minVramBytes: options.minVram,
    environment: options.environment,
    missingModels: options.missingModels,
  }
  return { bodies: runs.map((each) => ({ ...shared, overrides: each })), titles: titlesOf(graph) }
}

async function keptGraph(api: Easel, id: string, { at }: RunOptions) {
  const { graph } = await api.workflows.get(id, at)
  return (graph ?? {}) as Record<string, unknown>
}

/** Each file once, however many inputs take it. */
async function upload(
  api: Easel,
  images: readonly (readonly [string, string])[],
  sessionId: string | undefined,
): Promise<Record<string, string> | undefined> {
  if (images.length === 0) return undefined
  const paths = new Set(images.map(([, path]) => path).filter((path) => !path.startsWith('asset:')))
  for (const path of paths) if (!(await isFile(path))) throw usageError(`There is no file ${path}`)
  const uploaded = new Map<string, string>()
  for (const path of paths) {
    const asset = await api.assets.upload(await openAsBlob(path), { filename: basename(path), sessionId })
    uploaded.set(path, `asset:${asset.id}`)
  }
  return Object.fromEntries(images.map(([key, path]) => [key, uploaded.get(path) ?? path]))
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}
