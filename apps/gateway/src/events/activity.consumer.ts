import { consumeBatches, publishLive } from '@easel/bus'
import { Inject, Injectable } from '@nestjs/common'
import { BUS } from '../tokens.ts'
import { ActivityRepository } from './activity.repository.ts'
import { happeningOf } from './happening.ts'
import type { Bus, Delivery } from '@easel/bus'
import type { Appended, Happening } from './activity.repository.ts'

/** Facts become rows of the feed, and each new row is told to every gateway. */
@Injectable()
export class ActivityConsumer {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    private readonly activity: ActivityRepository,
  ) {}

  start(): Promise<AsyncDisposable> {
    return consumeBatches(this.bus, {
      consumer: 'gateway',
      handle: (batch) => this.#record(batch),
      maxBatch: 200,
    })
  }

  async #record(batch: readonly Delivery[]): Promise<void> {
    const happenings = batch.map(happeningOf).filter((found): found is Happening => found !== undefined)
    if (happenings.length === 0) return
    for (const appended of await this.activity.append(happenings)) this.#tell(appended)
  }

  #tell(appended: Appended): void {
    const { cursor, previous, spaceId, type, subject, time, data } = appended
    publishLive(this.bus, {
      spaceId: spaceId ?? 'everyone',
      channel: 'event',
      key: String(cursor),
      data: { previous: String(previous), type, subject, time },
      // As bytes, so that no gateway has to parse it.
      bytes: Buffer.from(data),
    })
  }
}
