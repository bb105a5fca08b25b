import { fileURLToPath } from 'node:url'
import { openConfiguredBlobs } from '@easel/blobs'
import { ContractServer, openBus, openSnapshots, publishFacts, watchFacts } from '@easel/bus'
import { inference, workerDesk } from '@easel/contracts'
import { migrate, openDatabase, startOutboxRelay } from '@easel/database'
import { createLogger, createMetrics, injectTrace } from '@easel/observability'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { Logger, Metrics } from '@easel/observability'
import { hostname } from 'node:os'
import type { ControlConfig } from '../config.ts'
import { startAttemptsConsumer } from './attempts/attempts.consumer.ts'
import { buildControl } from './build-control.ts'
import type { ControlResources } from './build-control.ts'
import { ControlRpc } from './control.rpc.ts'
import { DeskRpc } from './desk.rpc.ts'
import { consumeModelFacts } from './models/model-facts.consumer.ts'
import { ControlMetrics } from './metrics.ts'
import { SchedulingRole } from './scheduling-role.ts'

export const schema = 'inference'
export const migrationsDirectory = fileURLToPath(new URL('../../prisma/migrations', import.meta.url))

export type ControlDependencies = { log?: Logger; metrics?: Metrics }

/** A running control role; disposing of it stops it. */
export type Control = AsyncDisposable & {
  /** Is this the replica that schedules? */
  readonly leads: boolean
  readonly checks: Readonly<Record<string, () => Promise<void>>>
}

@Module({})
class ControlModule {}

export async function startControl(
  config: ControlConfig,
  {
    log = createLogger({ service: 'inference', level: config.runtime.logLevel }),
    metrics = createMetrics('inference', { process: false }),
  }: ControlDependencies = {},
): Promise<Control> {
  await using stack = new AsyncDisposableStack()
  const url = config.database.url.reveal()
  await migrate({ url, schema, directory: migrationsDirectory })
  const database = stack.use(
    openDatabase({ url, schema, poolSize: config.database.poolSize, headers: injectTrace, log }),
  )
  const bus = stack.use(await openBus(config.nats, { name: `inference@${hostname()}`, log }))
  const blobs = stack.use(await openConfiguredBlobs(config.blobs))
  const snapshots = await openSnapshots(bus, 'JOBS')
  const relay = stack.use(
    startOutboxRelay({ database, publish: (messages) => publishFacts(bus, messages), log }),
  )
  stack.use(watchFacts(bus, () => relay.repeat()))
  const { role } = await startRole(
    { config, database, bus, blobs, snapshots, metrics: new ControlMetrics(metrics) },
    stack,
  )

  const owned = stack.move()
  return {
    get leads() {
      return role.leads
    },
    checks: { postgres: () => database.check(), nats: () => bus.check(), blobs: () => blobs.check() },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function startRole(resources: ControlResources, stack: AsyncDisposableStack) {
  const { config, database, bus } = resources
  let wake = () => {}
  const control = buildControl(resources, () => wake())
  stack.use(control.dispatcher)
  stack.use(control.estimates)
  stack.use(control.limits)
  const role = stack.use(
    new SchedulingRole({
      bus,
      database,
      duties: [control.scheduler, control.modelWaits, control.watch, control.reconciler, control.keeper],
      wake: () => control.scheduler.wake(),
    }),
  )
  wake = () => role.wake()
  stack.use(
    await startAttemptsConsumer({
      bus,
      store: control.store,
      onEnded: wake,
      stop: (attempt) => control.calls.stop(attempt),
    }),
  )

  stack.use(await consumeModelFacts(bus, control.modelWaitRows, () => control.modelWaits.wake()))

  const server = new ContractServer(bus, { validateOutputs: config.validateOutputs })
  server.serve(inference, new ControlRpc(control))
  server.serve(workerDesk, new DeskRpc(control.workers))
  const app = await NestFactory.createMicroservice(ControlModule, { strategy: server, logger: false })
  await app.listen()
  stack.defer(() => app.close())
  return { role }
}
