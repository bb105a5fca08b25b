import { subscribeLive } from '@easel/bus'
import { Wakeable } from '@easel/database'
import { Inject, Injectable } from '@nestjs/common'
import { BUS, LOG } from '../tokens.ts'
import { Deliverer } from './deliverer.service.ts'
import { DeliveriesRepository } from './deliveries.repository.ts'
import { DispatchRepository } from './dispatch.repository.ts'
import type { Bus } from '@easel/bus'
import type { Logger } from '@easel/observability'
import type { Dispatched } from './dispatch.repository.ts'

const batchSize = 200
/** The message about a new row may be lost. */
const checkMs = 1_000
/** Events that come together are dispatched together: sooner while there is somebody to send them to. */
const gatherMs = 30
const quietMs = 200
const failedMs = 1_000
const repairMs = 10_000

/**
 * Turns rows of the feed into deliveries. Every gateway tries; the one that gets the row's lock does it, so that
 * another goes on at once when it is gone.
 */
@Injectable()
export class Dispatcher implements AsyncDisposable {
  readonly #alarm = new Wakeable()
  #subscription: Disposable | undefined
  #loop: Promise<void> | undefined
  #repairedAt = 0

  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(LOG) private readonly log: Logger,
    private readonly dispatching: DispatchRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly deliverer: Deliverer,
  ) {}

  start(): void {
    this.#subscription ??= subscribeLive(this.bus, { channel: 'event' }, () => this.#alarm.wake())
    this.#loop ??= this.#run()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#subscription?.[Symbol.dispose]()
    this.#alarm.stop()
    await this.#loop
  }

  async #run(): Promise<void> {
    while (!this.#alarm.stopped) {
      this.#alarm.rest()
      try {
        const { events, added } = await this.#dispatch()
        await this.#repair()
        if (events === batchSize) continue
        await this.#alarm.wait(checkMs)
        await this.#alarm.pause(added.length > 0 ? gatherMs : quietMs)
      } catch (cause) {
        if (this.#alarm.stopped) return
        this.log.warn({ err: cause }, 'events are not turned into deliveries; it is tried again')
        await this.#alarm.pause(failedMs)
      }
    }
  }

  async #dispatch(): Promise<Dispatched> {
    const dispatched = await this.dispatching.dispatch(batchSize)
    const { added } = dispatched
    await this.deliveries.promote(added.filter(({ status }) => status === 'waiting'))
    if (added.length > 0) this.deliverer.wake()
    return dispatched
  }

  async #repair(): Promise<void> {
    if (performance.now() < this.#repairedAt + repairMs) return
    this.#repairedAt = performance.now()
    if ((await this.deliveries.promoteAll()) > 0) this.deliverer.wake()
  }
}
