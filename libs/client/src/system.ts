import type { Connection } from './connection.ts'
import type { PoolList, SystemStatus, WorkerList } from './api-schemas.ts'

export class System {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  status(): Promise<SystemStatus> {
    return this.#connection.json('GET', '/api/system/status')
  }

  workers(): Promise<WorkerList> {
    return this.#connection.json('GET', '/api/system/workers')
  }

  pools(): Promise<PoolList> {
    return this.#connection.json('GET', '/api/system/pools')
  }

  /** The worker ends what it runs and takes no more. */
  drain(workerId: string): Promise<void> {
    return this.#connection.json('POST', `/api/system/workers/${encodeURIComponent(workerId)}/drain`)
  }

  /** After a drain. */
  resume(workerId: string): Promise<void> {
    return this.#connection.json('POST', `/api/system/workers/${encodeURIComponent(workerId)}/resume`)
  }
}
