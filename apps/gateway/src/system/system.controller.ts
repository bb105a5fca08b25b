import { PoolList, WorkerList } from '@easel/contracts'
import { readiness } from '@easel/observability'
import { Injectable } from '@nestjs/common'
import { route } from '../http/route.ts'
import { actOf, AuditRepository } from '../people/audit.repository.ts'
import { actingOf } from '../people/users.controller.ts'
import { Services } from '../services.ts'
import { version } from '../version.ts'
import { PartChecks } from './part-checks.service.ts'
import { SystemStatus } from './system.messages.ts'
import type { Actor } from '@easel/protocol'
import type { Controller, Route } from '../http/route.ts'

@Injectable()
export class SystemController implements Controller {
  readonly area = 'system'
  readonly routes: readonly Route[] = [
    route({
      method: 'GET',
      path: '/system/status',
      access: 'signed-in',
      summary: 'Say how the server and its parts are',
      answer: SystemStatus,
      handle: ({ actor }) => this.#status(actor),
    }),
    route({
      method: 'GET',
      path: '/system/workers',
      access: 'jobs:read',
      summary: 'List the workers',
      answer: WorkerList,
      handle: ({ actor }) => this.services.inference.listWorkers({}, { actor }),
    }),
    route({
      method: 'POST',
      path: '/system/workers/:id/drain',
      access: 'admin',
      summary: 'Give a worker no more jobs, until it is resumed or started anew; what runs ends',
      words: ['id'],
      reasons: ['WORKER_NOT_FOUND'],
      handle: async (call) => {
        const { id = '' } = call.params
        await this.services.inference.drainWorker({ id }, { actor: call.actor })
        await this.audit.add(actOf(actingOf(call), 'worker.drained', `worker:${id}`))
      },
    }),
    route({
      method: 'POST',
      path: '/system/workers/:id/resume',
      access: 'admin',
      summary: 'Give a worker jobs again after a drain',
      words: ['id'],
      reasons: ['WORKER_NOT_FOUND'],
      handle: async (call) => {
        const { id = '' } = call.params
        await this.services.inference.resumeWorker({ id }, { actor: call.actor })
        await this.audit.add(actOf(actingOf(call), 'worker.resumed', `worker:${id}`))
      },
    }),
    route({
      method: 'GET',
      path: '/system/pools',
      access: 'jobs:read',
      summary: 'List the pools of workers and their queues',
      answer: PoolList,
      handle: ({ actor }) => this.services.inference.listPools({}, { actor }),
    }),
  ]
  #ask: ReturnType<typeof readiness> | undefined

  constructor(
    private readonly services: Services,
    private readonly checks: PartChecks,
    private readonly audit: AuditRepository,
  ) {}

  async #status(actor: Actor): Promise<SystemStatus> {
    this.#ask ??= readiness(this.checks.all)
    const { inference } = this.services
    const [health, pools, workers] = await Promise.all([
      this.#ask(),
      inference.listPools({}, { actor }).catch(none),
      inference.listWorkers({}, { actor }).catch(none),
    ])
    return {
      version,
      ready: health.ready,
      uptimeSeconds: Math.floor(process.uptime()),
      parts: Object.entries(health.checks).map(([name, check]) => ({
        name,
        ...check,
        lastOkAt: this.checks.lastOk.get(name) ?? null,
      })),
      pools: pools.items,
      workers: workers.items,
    }
  }
}

/** That inference does not answer is told among the parts. */
function none(): { items: [] } {
  return { items: [] }
}
