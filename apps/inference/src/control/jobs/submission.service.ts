import { createHash } from 'node:crypto'
import { createClient } from '@easel/bus'
import { needsOf } from '@easel/comfyui'
import type { ObjectInfo } from '@easel/comfyui'
import { gallery } from '@easel/contracts'
import { AppError, newId, notFound, parseJson, requireWrite, stringifyJson } from '@easel/protocol'
import type { Bus } from '@easel/bus'
import type { GraphJson, SubmitJob, WorkerInput } from '@easel/contracts'
import type { Actor, Fault } from '@easel/protocol'
import type { AcceptedJob, ControlStore } from '../control.store.ts'
import type { Admission } from '../accounts/admission.ts'
import type { Estimates } from '../estimates/estimates.ts'
import type { PoolDefinitions } from '../workers/pool-definitions.ts'
import type { WorkflowsService } from '../workflows/workflows.service.ts'
import type { AssetInput } from './asset-inputs.ts'
import type { KnownModels } from '../models/known-models.ts'
import { checkGraph, refusal } from './graph-check.ts'
import type { CheckedGraph, GraphRequest } from './graph-check.ts'
import { rankOf } from './job.ts'
import type { Job } from './job.ts'
import type { NewJob } from './jobs.repository.ts'
import { textFaults } from './text-faults.ts'

export const defaultPool = 'default'
const maxExtraBytes = 256 * 1024
/** They go to the worker in one message with the graph. */
const maxInputs = 256

/** What a submit and a retry have in common. */
export type Submission = GraphRequest &
  Pick<
    NewJob,
    | 'spaceId'
    | 'pool'
    | 'priority'
    | 'rank'
    | 'labels'
    | 'environment'
    | 'minVram'
    | 'name'
    | 'sessionId'
    | 'webhookUrl'
    | 'expiresInSeconds'
  > & {
    actor: Actor
    extra: unknown
    missingModels: 'refuse' | 'wait' | 'fetch'
    workflowId: string | null
    workflowVersion: number | null
    retryOf: string | null
    idempotency: { key: string; hash: string } | null
  }

export type SubmissionParts = {
  bus: Bus
  store: ControlStore
  pools: PoolDefinitions
  workflows: WorkflowsService
  estimates: Estimates
  admission: Admission
  knownModels: KnownModels
  /** There is something to schedule. */
  onQueued: () => void
  /** A job has come that waits for its models. */
  onWaiting: () => void
}

export class SubmissionService {
  constructor(private readonly parts: SubmissionParts) {}

  /** Of a job that was there already, under the same key, `before` is not known. */
  async submit(actor: Actor, input: SubmitJob): Promise<Job | AcceptedJob> {
    const spaceId = input.spaceId ?? actor.personalSpaceId
    requireWrite(actor, spaceId)
    const idempotency = idempotencyOf(input)
    const first = idempotency && (await this.findFirst(actor, idempotency))
    if (first) return first
    if (input.sessionId !== undefined) await this.requireSession(actor, input.sessionId, spaceId)
    const source = await this.sourceOf(actor, input)
    return this.queue({
      actor,
      spaceId,
      ...source,
      overrides: input.overrides,
      inputs: input.inputs,
      extra: input.extra,
      pool: input.pool ?? defaultPool,
      priority: rankOf(input.priority ?? 'normal'),
      rank: input.rank ?? 0,
      labels: [...new Set(input.labels ?? [])],
      environment: input.environment ?? null,
      minVram: input.minVramBytes ?? null,
      name: input.name ?? null,
      sessionId: input.sessionId ?? null,
      webhookUrl: input.webhookUrl ?? null,
      expiresInSeconds: input.expiresInSeconds ?? null,
      missingModels: input.missingModels ?? 'refuse',
      retryOf: null,
      idempotency,
    })
  }

  /** Checks everything, then makes the job durable; whoever has the answer may rely on it. */
  async queue(submission: Submission): Promise<Job | AcceptedJob> {
    const { actor, idempotency } = submission
    const infos = await this.parts.pools.infosOf(submission.pool)
    const { checked, missingModels, modelFiles } = await this.check(submission, infos)
    const extra = extraOf(submission, checked)
    const inputs = await this.resolve(actor, checked.assets)
    const needs = needsOf(checked.graph)
    const estimate = await this.parts.estimates.of(needs, submission.pool)
    const account = { spaceId: submission.spaceId, userId: actor.userId }
    const { reserved, demand } = await this.parts.admission.check(account, checked.graph, estimate)
    const row: NewJob = {
      ...submission,
      ...reserved,
      id: newId(),
      kind: 'workflow',
      createdBy: actor.userId,
      models: needs.models,
      loras: needs.loras,
      missingModels,
      modelFiles,
      ...estimate,
      graph: stringifyJson(checked.graph),
      classes: checked.classes,
      inputs: stringifyJson(inputs),
      extra,
      idempotencyKey: idempotency?.key ?? null,
      idempotencyHash: idempotency?.hash ?? null,
    }
    const job = await this.parts.store.accept(row, demand).catch((cause) => this.refused(cause, submission))
    if (job) {
      this.parts.onQueued()
      if (missingModels) this.parts.onWaiting()
      return job
    }
    // Somebody was faster with the same key.
    const first = idempotency && (await this.findFirst(actor, idempotency))
    return first || this.queue(submission)
  }

  /** Files that nobody lists are refused, unless a worker can fetch them or the job shall wait for them. */
  private async check(submission: Submission, infos: readonly ObjectInfo[]) {
    const { actor, missingModels: mode, pool, spaceId } = submission
    const checked = checkGraph(submission, infos, { allowAbsentModels: true })
    const absent = checked.absentModels
    // With nobody to ask, the structure is all that is checked.
    const isFine = absent.length === 0 || (infos.length === 0 && mode === 'refuse')
    if (isFine) return { checked, missingModels: null, modelFiles: null }
    const owner = { spaceId, createdBy: actor.userId }
    const graph = checked.graph as GraphJson
    const known =
      infos.length > 0 ? await this.parts.knownModels.find(absent, { pool, graph, owner }) : undefined
    if (known) return { checked, missingModels: null, modelFiles: known }
    if (mode === 'refuse')
      return { checked: checkGraph(submission, infos), missingModels: null, modelFiles: null }
    return { checked, missingModels: mode, modelFiles: null }
  }

  /** Whoever was faster with the same key may have taken the last of a budget: then it is not refused. */
  private async refused(cause: unknown, { actor, idempotency }: Submission): Promise<Job> {
    const isLimit = cause instanceof AppError && cause.code === 'exhausted'
    const first = isLimit && idempotency && (await this.findFirst(actor, idempotency))
    if (first) return first
    if (isLimit) this.parts.admission.refused(cause)
    throw cause
  }

  private async findFirst(actor: Actor, { key, hash }: { key: string; hash: string }) {
    const first = await this.parts.store.jobs.findByKey(actor.userId, key)
    if (!first) return undefined
    if (first.stale) {
      await this.parts.store.jobs.forgetKey(first.id)
      return undefined
    }
    if (first.idempotencyHash === hash) return first
    throw new AppError('invalid', 'This Idempotency-Key was used for another request', {
      reason: 'IDEMPOTENCY_KEY_REUSE',
    })
  }

  /** The outputs shall go into it, so it is one of the same space. */
  private async requireSession(actor: Actor, id: string, spaceId: string): Promise<void> {
    const session = await createClient(this.parts.bus, gallery).getSession({ id }, { actor })
    if (session.spaceId !== spaceId) throw notFound('session', 'SESSION_NOT_FOUND')
  }

  private async sourceOf(actor: Actor, { workflow, workflowId, version }: SubmitJob) {
    if ((workflow === undefined) === (workflowId === undefined)) {
      throw refusal([{ path: 'workflow', message: 'Give either workflow or workflowId' }])
    }
    if (workflowId === undefined) return { document: workflow, workflowId: null, workflowVersion: null }
    const stored = await this.parts.workflows.getVersion(actor, { id: workflowId, version })
    return { document: parseJson(stored.graph), workflowId, workflowVersion: stored.version }
  }

  /** What the worker needs to fetch the files; checked with the eyes of the one who asks. */
  private async resolve(actor: Actor, assets: readonly AssetInput[]): Promise<WorkerInput[]> {
    if (assets.length === 0) return []
    if (assets.length > maxInputs) {
      throw refusal([{ path: 'workflow', message: `Takes ${maxInputs} assets as inputs at most` }])
    }
    const client = createClient(this.parts.bus, gallery)
    const find = async (ids: string[]) => {
      try {
        return (await client.resolveAssets({ ids }, { actor })).items
      } catch (cause) {
        if (cause instanceof AppError && cause.code === 'not_found') return undefined
        throw cause
      }
    }
    const ids = [...new Set(assets.map(({ assetId }) => assetId))]
    const found =
      (await find(ids)) ?? (await Promise.all(ids.map((id) => find([id])))).flatMap((items) => items ?? [])
    const byId = new Map(found.map((asset) => [asset.id, asset]))
    const faults: Fault[] = []
    const inputs = assets.flatMap(({ nodeId, input, assetId }) => {
      const asset = byId.get(assetId)
      if (!asset) {
        faults.push({ path: `workflow.${nodeId}.inputs.${input}`, message: `There is no asset ${assetId}` })
        return []
      }
      const { blob, mime, filename } = asset
      return [{ key: `${nodeId}.${input}`, assetId, blob, mime, filename: filename ?? assetId }]
    })
    if (faults.length === 0) return inputs
    throw new AppError('invalid', `${faults[0]?.path}: ${faults[0]?.message}`, {
      reason: 'ASSET_NOT_FOUND',
      faults,
    })
  }
}

/** What goes into the files: as sent, else the UI document that came with the graph. */
function extraOf({ extra, name, labels }: Submission, { workflow }: CheckedGraph): string | null {
  const value = extra ?? (workflow === undefined ? undefined : { workflow })
  const faults = [
    ...textFaults(value ?? null, 'extra'),
    ...textFaults(name, 'name'),
    ...textFaults(labels, 'labels'),
  ]
  const text = value === undefined ? null : stringifyJson(value)
  if (text !== null && Buffer.byteLength(text) > maxExtraBytes) {
    faults.push({ path: 'extra', message: `May hold ${maxExtraBytes} bytes at most` })
  }
  if (faults.length > 0) throw refusal(faults)
  return text
}

function idempotencyOf(input: SubmitJob): { key: string; hash: string } | null {
  const { idempotencyKey: key, idempotencyHash, ...body } = input
  if (key === undefined) return null
  return { key, hash: idempotencyHash ?? createHash('sha256').update(stringifyJson(body)).digest('hex') }
}

/** A stored graph, as a document to submit again. */
export const documentOf = (graph: string): GraphJson => parseJson(graph) as GraphJson
