import { AccountKeeper } from './accounts/account-keeper.ts'
import { AccountsService } from './accounts/accounts.service.ts'
import { Admission } from './accounts/admission.ts'
import { LimitsRepository } from './accounts/limits.repository.ts'
import { LimitsCache } from './accounts/limits.ts'
import { Reconciler } from './attempts/reconciler.ts'
import { ControlStore } from './control.store.ts'
import { Estimates } from './estimates/estimates.ts'
import { EstimatesRepository } from './estimates/estimates.repository.ts'
import { observationOf } from './estimates/observations.ts'
import { TimeLimits } from './estimates/time-limits.ts'
import { JobsService } from './jobs/jobs.service.ts'
import { QueueRepository } from './jobs/queue.repository.ts'
import { QueueService } from './jobs/queue.service.ts'
import { SubmissionService } from './jobs/submission.service.ts'
import { KnownModels } from './models/known-models.ts'
import { ModelServices } from './models/model-services.ts'
import { ModelWaits } from './models/model-waits.ts'
import { ModelWaitsRepository } from './models/model-waits.repository.ts'
import { OutlookRepository } from './outlook/outlook.repository.ts'
import { Outlooks, weightsOf } from './outlook/outlooks.ts'
import { Dispatcher } from './scheduling/dispatcher.ts'
import { FairSharesRepository } from './scheduling/fair-shares.repository.ts'
import { Scheduler } from './scheduling/scheduler.ts'
import { SchedulingRepository } from './scheduling/scheduling.repository.ts'
import { NodeDefinitionsRepository } from './workers/node-definitions.repository.ts'
import { NodeDefinitions } from './workers/node-definitions.ts'
import { PoolDefinitions } from './workers/pool-definitions.ts'
import { WorkerCalls } from './workers/worker-calls.ts'
import { WorkerWatch } from './workers/worker-watch.ts'
import { WorkersService } from './workers/workers.service.ts'
import { AnalysisService } from './workflows/analysis.service.ts'
import { WorkflowsRepository } from './workflows/workflows.repository.ts'
import { WorkflowsService } from './workflows/workflows.service.ts'
import type { BlobStore } from '@easel/blobs'
import type { Bus, Snapshots } from '@easel/bus'
import type { Database } from '@easel/database'
import type { ControlConfig } from '../config.ts'
import type { ControlMetrics } from './metrics.ts'

export type ControlResources = {
  config: ControlConfig
  database: Database
  bus: Bus
  blobs: BlobStore
  snapshots: Snapshots
  metrics: ControlMetrics
}

/** The parts of the control role, put together; nothing runs yet. */
export function buildControl(
  { config, database, bus, blobs, snapshots, metrics }: ControlResources,
  wake: () => void,
) {
  const estimates = new Estimates({ repository: new EstimatesRepository(database), log: bus.log })
  const store = new ControlStore(database, metrics, (ended) => {
    metrics.attemptsEnded(ended)
    estimates.learn(ended.flatMap((attempt) => observationOf(attempt) ?? []))
  })
  const scheduling = new SchedulingRepository(database)
  const calls = new WorkerCalls(bus)
  const limitRows = new LimitsRepository(database)
  const limits = new LimitsCache(bus, limitRows)
  const definitions = new NodeDefinitions({
    bus,
    blobs,
    repository: new NodeDefinitionsRepository(database),
    onLoaded: wake,
  })
  const pools = new PoolDefinitions(scheduling, definitions)

  const workflows = new WorkflowsService(new WorkflowsRepository(database))
  const admission = new Admission(limits, metrics)
  const modelServices = new ModelServices(bus)
  const modelWaitRows = new ModelWaitsRepository(database)
  const modelWaits = new ModelWaits({
    bus,
    store,
    rows: modelWaitRows,
    services: modelServices,
    scheduling,
    known: definitions,
    calls,
    onRoom: wake,
  })
  const accounts = new AccountsService(store.accounts, limitRows, limits)
  const keeper = new AccountKeeper(store, bus.log)
  const submissions = new SubmissionService({
    bus,
    store,
    pools,
    workflows,
    estimates,
    admission,
    knownModels: new KnownModels({ bus, services: modelServices, scheduling }),
    onQueued: wake,
    onWaiting: () => modelWaits.wake(),
  })
  const queueRows = new QueueRepository(database)
  const outlookRows = new OutlookRepository(database)
  const outlooks = new Outlooks({
    repository: outlookRows,
    scheduling,
    known: definitions,
    estimates,
    weights: async () => weightsOf(await limits.current(), config.schedule.classWeights),
    log: bus.log,
  })
  const queue = new QueueService({
    queue: queueRows,
    scheduling,
    known: definitions,
    outlooks,
    outlookRows,
    accounts: store.accounts,
    limits,
  })
  const jobs = new JobsService({
    store,
    queue,
    submissions,
    snapshots,
    calls,
    waits: modelWaitRows,
    onRoom: wake,
  })
  const workers = new WorkersService(bus, store, definitions, calls, metrics, wake)

  const dispatcher = new Dispatcher(bus, new TimeLimits(estimates, config.attemptTimeout))
  const scheduler = new Scheduler({
    repository: scheduling,
    shares: new FairSharesRepository(database),
    dispatcher,
    definitions,
    accounts: () => limits.current(),
    loads: estimates,
    rules: config.schedule,
    metrics: metrics.schedule,
    log: bus.log,
  })
  const watch = new WorkerWatch({ bus, store, calls, workers })
  const reconciler = new Reconciler({
    bus,
    store,
    scheduling,
    queue: queueRows,
    dispatcher,
    calls,
    metrics,
    onRoom: wake,
  })
  const analysis = new AnalysisService(workflows, pools)
  return {
    store,
    calls,
    limits,
    accounts,
    keeper,
    workflows,
    analysis,
    estimates,
    submissions,
    queue,
    jobs,
    workers,
    dispatcher,
    scheduler,
    modelWaits,
    modelWaitRows,
    watch,
    reconciler,
  }
}
