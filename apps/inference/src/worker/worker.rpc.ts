import type { worker } from '@easel/contracts'
import type { CancelAttempt } from '@easel/contracts'
import { AppError } from '@easel/protocol'
import type { Handlers } from '@easel/protocol'
import type { Attempts } from './attempts.ts'
import type { ComfyMonitor } from './comfy-monitor.ts'
import type { Drains } from './drains.ts'
import type { NodeDefinitions } from './node-definitions.ts'

/** What control asks of this worker. */
export class WorkerRpc implements Handlers<typeof worker> {
  private readonly attempts: Attempts
  private readonly definitions: NodeDefinitions
  private readonly drains: Drains
  private readonly monitor: ComfyMonitor

  constructor(parts: {
    attempts: Attempts
    definitions: NodeDefinitions
    drains: Drains
    monitor: ComfyMonitor
  }) {
    this.attempts = parts.attempts
    this.definitions = parts.definitions
    this.drains = parts.drains
    this.monitor = parts.monitor
  }

  async ping() {
    return {}
  }

  async cancel({ jobId, attempt }: CancelAttempt) {
    this.attempts.stop({ jobId, attempt }, 'canceled')
    return {}
  }

  async drain() {
    this.drains.drain()
    return {}
  }

  async resume() {
    this.drains.resume()
    return {}
  }

  async refreshDefinitions() {
    this.definitions.expire()
    this.monitor.look()
    return {}
  }

  async getObjectInfo() {
    const { stored } = this.definitions
    if (stored) return stored
    throw new AppError('unavailable', 'ComfyUI has not told its nodes yet', {
      reason: 'NO_DEFINITIONS',
      retryAfterMs: 1_000,
    })
  }
}
