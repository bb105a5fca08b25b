import 'reflect-metadata'
import { connectBus, ContractServer, ensureStreams, publishFact } from '@easel/bus'
import { assetChanged, gallery, inference, jobChanged } from '@easel/contracts'
import { canRead, newId, notFound, requireActor, requireWrite } from '@easel/protocol'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ModelPeers } from './model-peers.ts'
import type { Bus } from '@easel/bus'
import type { AccountId, AssetView, JobView, SetLimits, SubmitJob } from '@easel/contracts'
import type { Actor, AppError, CallContext, Handlers, Service } from '@easel/protocol'

@Module({})
class Nothing {}

const log = { info: () => {}, warn: () => {}, error: () => {} }

type Stored = { job: JobView; submitted: SubmitJob }

/** Other services as the gateway sees them: they speak the contracts over a real bus, and keep what they are told. */
export class Peers implements AsyncDisposable {
  readonly jobs = new Map<string, Stored>()
  readonly models = new ModelPeers()
  readonly assets = new Map<string, AssetView>()
  /** What happens between the question for a job and its answer. */
  beforeJob: (() => Promise<void>) | undefined
  /** What a submit is answered with, once. */
  refusal: AppError | undefined
  readonly limits = new Map<string, SetLimits>()
  readonly #app: { close(): Promise<void> }

  private constructor(
    readonly bus: Bus,
    server: ContractServer,
    app: { listen(): Promise<unknown>; close(): Promise<void> },
  ) {
    this.#app = app
    server.serve(inference, rest(inference, this.inference()))
    server.serve(gallery, rest(gallery, this.gallery()))
    this.models.serve(server)
  }

  static async start(nats: { url: string; prefix: string }): Promise<Peers> {
    const bus = await connectBus({ url: nats.url, name: 'peers', prefix: nats.prefix, log })
    await ensureStreams(bus)
    const server = new ContractServer(bus, { validateOutputs: true })
    const app = await NestFactory.createMicroservice(Nothing, { strategy: server, logger: false })
    const peers = new Peers(bus, server, app)
    await app.listen()
    return peers
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#app.close()
    await this.bus[Symbol.asyncDispose]()
  }

  /** As inference tells it: the row changes, then the fact goes out. */
  async changeJob(id: string, change: Partial<JobView>, event = `job.${change.status}`): Promise<void> {
    const stored = this.jobs.get(id)
    if (!stored) throw new Error(`No job ${id}`)
    stored.job = { ...stored.job, ...change }
    const { webhookUrl = null } = stored.submitted
    await publishFact(this.bus, jobChanged, { id: newId(), payload: { event, job: stored.job, webhookUrl } })
  }

  async changeAsset(asset: AssetView, event: 'asset.created' | 'asset.deleted'): Promise<void> {
    await publishFact(this.bus, assetChanged, { id: newId(), payload: { event, asset } })
  }

  private inference(): Partial<Handlers<typeof inference>> {
    const find = (id: string, context: CallContext) => {
      const stored = this.jobs.get(id)
      if (!stored || !canRead(requireActor(context), stored.job.spaceId))
        throw notFound('job', 'JOB_NOT_FOUND')
      return stored
    }
    return {
      submitJob: async (input, context) => {
        const { refusal } = this
        this.refusal = undefined
        if (refusal) throw refusal
        const actor = requireActor(context)
        const spaceId = input.spaceId ?? actor.personalSpaceId
        requireWrite(actor, spaceId)
        const job = aJob({ spaceId, actor })
        this.jobs.set(job.id, { job, submitted: input })
        await publishFact(this.bus, jobChanged, { id: newId(), payload: { event: 'job.queued', job } })
        return job
      },
      getJob: async ({ id }, context) => {
        await this.beforeJob?.()
        return find(id, context).job
      },
      cancelJob: async ({ id }, context) => {
        find(id, context)
        await this.changeJob(id, { status: 'canceled', finishedAt: new Date().toISOString() })
        return find(id, context).job
      },
      getJobGraph: async ({ id }, context) => ({
        graph: find(id, context).submitted.workflow as never,
      }),
      listJobs: async (_query, context) => {
        const actor = requireActor(context)
        const items = [...this.jobs.values()].map(({ job }) => job)
        return { items: items.filter(({ spaceId }) => canRead(actor, spaceId)), nextCursor: null }
      },
      getLimits: async (account) => this.limitsOf(account),
      setLimits: async (input) => {
        this.limits.set(`${input.scope}:${input.id ?? ''}`, input)
        return this.limitsOf(input)
      },
      getUsage: async ({ scope, id = '', period = 'day', last = 1 }) => {
        const totals = Array.from({ length: last }, () => ({ period, startsOn: '2026-11-20', ...unused }))
        return { scope, id, totals, running: 0, open: 0, limits: {} }
      },
      listPools: async () => ({ items: [] }),
      listWorkers: async () => ({ items: [] }),
    }
  }

  private limitsOf({ scope, id }: AccountId) {
    const limits = this.limits.get(`${scope}:${id ?? ''}`)?.limits ?? {}
    return { scope, ...(id !== undefined && { id }), limits, effective: limits }
  }

  private gallery(): Partial<Handlers<typeof gallery>> {
    const find = (id: string, context: CallContext) => {
      const asset = this.assets.get(id)
      if (!asset || !canRead(requireActor(context), asset.spaceId)) throw notFound('asset', 'ASSET_NOT_FOUND')
      return asset
    }
    return {
      createAsset: async (input, context) => {
        const actor = requireActor(context)
        const spaceId = input.spaceId ?? actor.personalSpaceId
        requireWrite(actor, spaceId)
        const asset = anAsset({ spaceId, actor }, input)
        this.assets.set(asset.id, asset)
        return asset
      },
      getAsset: async ({ id }, context) => find(id, context),
      updateAsset: async ({ id, sessionId, rating }, context) => {
        const asset = find(id, context)
        const changed = {
          ...asset,
          ...(sessionId !== undefined && { sessionId }),
          ...(rating !== undefined && { rating }),
        }
        this.assets.set(id, changed)
        return changed
      },
      getAssetContent: async ({ id }, context) => {
        const { hash, mime, bytes, filename } = find(id, context)
        return { blob: hash, mime, bytes, filename }
      },
      listAssets: async (_query, context) => {
        const actor = requireActor(context)
        const items = [...this.assets.values()].filter(({ spaceId }) => canRead(actor, spaceId))
        return { items, nextCursor: null }
      },
    }
  }
}

const unused = {
  gpuSeconds: 0,
  costMicros: 0,
  reservedGpuSeconds: 0,
  reservedCostMicros: 0,
  jobs: 0,
  endsAt: '2026-11-21T00:00:00.000Z',
}

/** What a peer does not do is "not there". */
function rest<S extends Service>(service: S, handlers: Partial<Handlers<S>>): Handlers<S> {
  const absent = async (_input: object, context: CallContext) => {
    requireActor(context)
    throw notFound('thing', 'NOT_FOUND')
  }
  const methods = Object.keys(service.rpcs).map((name) => [name, absent])
  return { ...Object.fromEntries(methods), ...handlers } as Handlers<S>
}

type Owned = { spaceId: string; actor: Actor }

function aJob({ spaceId, actor }: Owned): JobView {
  return {
    id: newId(),
    kind: 'workflow',
    status: 'queued',
    priority: 'normal',
    pool: 'default',
    outputs: [],
    timings: {},
    attempts: [],
    warnings: [],
    usage: { gpuSeconds: 0, costMicros: 0 },
    spaceId,
    createdBy: actor.userId,
    createdAt: new Date().toISOString(),
  }
}

type Made = { blob: string; bytes: number; filename: string; tags?: string[] }

const mimes: Record<string, string> = {
  png: 'image/png',
  svg: 'image/svg+xml',
  html: 'text/html',
  mp4: 'video/mp4',
}

function anAsset({ spaceId, actor }: Owned, made: Made): AssetView {
  const id = newId()
  return {
    id,
    kind: 'image',
    origin: 'upload',
    mime: mimes[made.filename.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
    filename: made.filename,
    bytes: made.bytes,
    hash: made.blob,
    url: `/api/assets/${id}/content`,
    thumbnail: 'none',
    models: [],
    loras: [],
    tags: made.tags ?? [],
    rating: 0,
    favorite: false,
    spaceId,
    createdBy: actor.userId,
    createdAt: new Date().toISOString(),
    updatedAt: new Date().toISOString(),
  }
}
