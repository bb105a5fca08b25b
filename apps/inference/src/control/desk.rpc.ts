import type { WorkerBeat, workerDesk } from '@easel/contracts'
import type { Handlers } from '@easel/protocol'
import type { WorkersService } from './workers/workers.service.ts'

/** The contract `worker-desk`: what workers ask. */
export class DeskRpc implements Handlers<typeof workerDesk> {
  constructor(private readonly workers: WorkersService) {}

  beat(beat: WorkerBeat) {
    return this.workers.beat(beat)
  }
}
