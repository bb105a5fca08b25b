import { publishLive } from '@easel/bus'
import type { Bus } from '@easel/bus'
import type { DownloadFileView, DownloadView, GraphJson, JobError } from '@easel/contracts'
import { AppError, idFromName, parseJson } from '@easel/protocol'
import type { ControlStore } from '../control.store.ts'
import type { JobPayload } from '../jobs/jobs.repository.ts'
import { Bell } from '../scheduling/bell.ts'
import { missingModels, unavailable } from '../scheduling/filter.ts'
import type { SchedulingRepository } from '../scheduling/scheduling.repository.ts'
import type { KnownClasses, Place } from '../scheduling/snapshot.ts'
import type { WorkerCalls } from '../workers/worker-calls.ts'
import type { ModelServices } from './model-services.ts'
import { phaseOf, planFor } from './model-wait.ts'
import type { ModelWait, WaitFile } from './model-wait.ts'
import type { ModelWaitsRepository, OpenWait } from './model-waits.repository.ts'

export type ModelWaitsParts = {
  bus: Bus
  store: ControlStore
  rows: ModelWaitsRepository
  services: ModelServices
  scheduling: Pick<SchedulingRepository, 'listPlaces'>
  known: KnownClasses
  calls: Pick<WorkerCalls, 'refreshDefinitions'>
  /** There may be something to schedule. */
  onRoom: () => void
}

const sweepMs = 1_000
const batch = 50
const atOnce = 8
const progressMs = 1_000
const awayMs = 5_000
const stuckMs = 30_000
/** How soon workers are told again to look, the longer the rarer. */
const placingMs = (ageMs: number): number => Math.min(30_000, 1_000 + ageMs / 20)

/** Brings the models of queued jobs: on the replica that leads, from where the one before left off. */
export class ModelWaits {
  private readonly bell = new Bell()
  private readonly refreshedAt = new Map<string, number>()

  constructor(private readonly parts: ModelWaitsParts) {}

  /** A job came or went, or a file has come. */
  wake(): void {
    this.bell.ring()
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.sweep()
      } catch (cause) {
        this.parts.bus.log.warn({ err: cause }, 'the jobs that wait for models could not be looked after')
      }
      await this.bell.wait(sweepMs, signal)
    }
  }

  private async sweep(): Promise<void> {
    const { rows, scheduling } = this.parts
    await rows.adopt(batch)
    await rows.reopen(batch)
    const due = await rows.listDue(batch)
    if (due.length === 0) return
    const places = await scheduling.listPlaces()
    const waits = [...due]
    const lane = async () => {
      for (let wait = waits.pop(); wait; wait = waits.pop()) await this.tend(wait, places)
    }
    await Promise.all(Array.from({ length: Math.min(atOnce, waits.length) }, lane))
  }

  /** One job's trouble is not another's. */
  private async tend(wait: OpenWait, all: readonly Place[]): Promise<void> {
    try {
      await this.step(
        wait,
        all.filter((place) => place.pool === wait.pool && !unavailable(place)),
      )
    } catch (cause) {
      const error = AppError.from(cause)
      this.parts.bus.log.warn(
        { err: cause, job: wait.jobId },
        'the models of a job could not be looked after',
      )
      const problem = error.code === 'internal' ? 'something went wrong; it is tried again' : error.message
      const files = wait.files.map((file) => (file.state === 'unasked' ? { ...file, problem } : file))
      await this.parts.rows.save({ ...wait, files }, awayMs)
    }
  }

  private async step(wait: OpenWait, places: readonly Place[]): Promise<void> {
    if (wait.status !== 'queued' || wait.workerId !== null) return this.close(wait)
    // What its workers have is seen again when they are back: nothing is fetched because they restart.
    if (wait.state === 'looking' && wait.rounds > 0 && !places.some((place) => this.isKnown(place))) {
      return this.parts.rows.save(wait, awayMs)
    }
    const missing = this.missingAt(wait, places)
    if (missing.length === 0) return this.ready(wait)
    switch (wait.state) {
      case 'looking':
      case 'stuck':
        return this.look(wait, { missing, places })
      case 'fetching':
        return this.follow(wait, places)
      case 'placing':
        return this.place(wait, places)
      case 'done':
    }
  }

  /** What the worker lacks that lacks the least; of a job whom nobody could run otherwise, all it names. */
  private missingAt(wait: OpenWait, places: readonly Place[]): string[] {
    const fetchable = (wait.modelFiles ?? []).map(({ name }) => name)
    const named = [...wait.models, ...wait.loras]
    const demands = { ...wait, fetchable, labels: [], environment: null, minVram: null }
    const lacks = places
      .filter((place) => this.isKnown(place))
      .map((place) => missingModels(demands, place, this.parts.known))
    return lacks.reduce((least, lack) => (lack.length < least.length ? lack : least), named)
  }

  private isKnown({ definitions }: Place): boolean {
    return definitions !== null && this.parts.known.get(definitions) !== undefined
  }

  private async look(
    wait: OpenWait,
    { missing, places }: { missing: readonly string[]; places: readonly Place[] },
  ): Promise<void> {
    const { store, services, rows } = this.parts
    const payload = await store.jobs.payload(wait.jobId)
    if (!payload) return
    const { files: needs } = await services.check(wait, documentOf(payload), wait.mode === 'wait')
    const { files, wishes, held, bytesTotal } = planFor(missing, needs, wait.mode)
    if (held.length > 0) await rows.tellFiles(wait.jobId, held)
    const planned = { ...wait, files, bytesTotal, bytesDone: 0 }
    if (files.every(({ state }) => state === 'present')) return this.place({ ...planned, ageMs: 0 }, places)
    // A part of the files is of no use as long as nobody knows the others.
    const isWhole = files.every(({ state }) => ['present', 'fetching', 'gated'].includes(state))
    if (wishes.length === 0 || !isWhole) return rows.save({ ...planned, state: 'stuck' }, stuckMs)
    await this.fetch(planned, wishes)
  }

  private async fetch(wait: OpenWait, wishes: Parameters<ModelServices['create']>[2]): Promise<void> {
    const { services, rows } = this.parts
    try {
      const id = await idFromName(wait.jobId, `models:${wait.rounds}`)
      const download = await services.create(wait, id, wishes)
      await rows.save({ ...wait, state: 'fetching', downloadId: download.id }, 0)
      this.wake()
    } catch (cause) {
      const error = AppError.from(cause)
      if (error.reason === 'MODEL_GATED') {
        const files = wait.files.map((file): WaitFile =>
          file.state === 'present'
            ? file
            : { ...file, state: 'gated', problem: file.problem ?? error.message },
        )
        return rows.save({ ...wait, files, state: 'stuck' }, stuckMs)
      }
      if (error.retryable || error.code === 'internal' || error.code === 'unauthenticated') throw cause
      await this.fail(wait, error.message)
    }
  }

  private async follow(wait: OpenWait, places: readonly Place[]): Promise<void> {
    const { services, rows } = this.parts
    if (wait.downloadId === null) return rows.save({ ...wait, state: 'looking' }, 0)
    const download = await services.get(wait, wait.downloadId).catch(goneIsUndefined)
    if (!download) {
      return rows.save({ ...wait, state: 'looking', downloadId: null, rounds: wait.rounds + 1 }, 0)
    }
    const files = wait.files.map((file) => withProgress(file, download))
    const now = {
      ...wait,
      files,
      bytesDone: download.bytesDone,
      bytesTotal: download.bytesTotal ?? wait.bytesTotal,
    }
    switch (download.status) {
      case 'completed':
        return this.place({ ...now, ageMs: 0 }, places)
      case 'failed':
        return this.fail(now, download.error?.message ?? 'Its download failed')
      case 'canceled':
        return this.fail(now, 'Its download was canceled')
      default:
        await rows.save(now, progressMs)
        this.tell(now)
    }
  }

  /** The files are here: workers are told to look, again and again, until one lists them. */
  private async place(wait: OpenWait, places: readonly Place[]): Promise<void> {
    const { rows, calls } = this.parts
    if (wait.state !== 'placing') await this.learnContents(wait)
    for (const { id } of places) {
      if (performance.now() - (this.refreshedAt.get(id) ?? -Infinity) < progressMs) continue
      this.refreshedAt.set(id, performance.now())
      calls.refreshDefinitions(id)
    }
    const files = wait.files.map((file): WaitFile => ({ ...file, state: 'present', progress: 1 }))
    const placed = { ...wait, files, state: 'placing' as const, bytesDone: wait.bytesTotal }
    await rows.save(placed, placingMs(wait.state === 'placing' ? wait.ageMs : 0))
    this.tell(placed)
  }

  /** Where a worker fetches from the hub, the job tells what. */
  private async learnContents(wait: OpenWait): Promise<void> {
    const { rows } = this.parts
    const known = wait.files.flatMap(({ folder, name, sha256, bytes }) =>
      folder && sha256 && bytes !== null ? [{ folder, name, sha256, bytes }] : [],
    )
    const others = (wait.modelFiles ?? []).filter(({ name }) => !known.some((file) => file.name === name))
    if (known.length > 0) await rows.tellFiles(wait.jobId, [...others, ...known])
  }

  private async ready(wait: OpenWait): Promise<void> {
    // It is scheduled like any other from here on.
    await this.parts.rows.save({ ...wait, state: 'done', bytesDone: wait.bytesTotal }, 0)
    this.parts.onRoom()
  }

  private async close(wait: OpenWait): Promise<void> {
    const { services, rows } = this.parts
    const isOver = wait.status === 'canceled' || wait.status === 'expired' || wait.status === 'failed'
    if (isOver && wait.downloadId !== null && wait.state === 'fetching')
      await services.cancel(wait, wait.downloadId)
    await rows.save({ ...wait, state: 'done' }, 0)
  }

  private async fail(wait: OpenWait, why: string): Promise<void> {
    const names = wait.files.filter(({ state }) => state !== 'present').map(({ name }) => name)
    const message = `${names.slice(0, 5).join(', ')} could not be fetched: ${why}`
    if (wait.mode === 'wait') {
      const files = wait.files.map((file): WaitFile => ({ ...file, state: 'waiting', problem: why }))
      return this.parts.rows.save({ ...wait, files, state: 'stuck', downloadId: null }, stuckMs)
    }
    const error: JobError = { code: 'MODEL_UNAVAILABLE', message }
    await this.parts.store.apply([{ jobId: wait.jobId, event: { type: 'unmet', error } }])
    await this.parts.rows.save({ ...wait, state: 'done' }, 0)
  }

  private tell(wait: ModelWait & { spaceId: string }): void {
    const { phase, progress } = phaseOf(wait)
    const data = { ...progress, phase, jobId: wait.jobId, attempt: 0 }
    publishLive(this.parts.bus, { spaceId: wait.spaceId, channel: 'job-progress', key: wait.jobId, data })
  }
}

/** With the document that the graph was made from, where it came along: it may say where its models are. */
function documentOf({ graph, extra }: Pick<JobPayload, 'graph' | 'extra'>): Record<string, unknown> {
  const prompt = parseJson(graph) as GraphJson
  return extra === null ? prompt : { prompt, extra_data: { extra_pnginfo: parseJson(extra) } }
}

function goneIsUndefined(cause: unknown): undefined {
  if (AppError.from(cause).code !== 'not_found') throw cause
}

function withProgress(file: WaitFile, { files = [] }: DownloadView): WaitFile {
  const own = files.find((item) => isFor(item, file))
  if (!own) return file
  const total = own.bytesTotal ?? file.bytes ?? 0
  return {
    ...file,
    state: own.status === 'completed' ? 'present' : 'fetching',
    folder: file.folder ?? own.folder,
    sha256: own.sha256 ?? file.sha256,
    bytes: own.bytesTotal ?? file.bytes,
    progress: own.status === 'completed' ? 1 : total > 0 ? Math.min(1, own.bytesDone / total) : 0,
    problem: own.error?.message ?? (own.status === 'paused' ? 'paused: somebody has to resume it' : null),
  }
}

function isFor({ folder, filename }: DownloadFileView, file: WaitFile): boolean {
  const place = `${folder}/${filename ?? ''}`.toLowerCase()
  const name = file.name.toLowerCase()
  return file.folder === null ? place.endsWith(`/${name}`) : place === `${file.folder}/${name}`.toLowerCase()
}
