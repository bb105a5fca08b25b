import { consumeFact } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { jobChanged } from '@easel/contracts'
import type { DownloaderStore } from '../downloader.store.ts'

const over: ReadonlySet<string> = new Set(['succeeded', 'failed', 'canceled', 'expired'])
/** A job that nothing is heard of any more does not hold its models for ever. */
const holdMs = 24 * 60 * 60_000

/** Jobs that wait or run hold the models that their graphs name. Hearing of it twice, or late, does no harm. */
export function consumeJobLeases(bus: Bus, store: DownloaderStore): Promise<AsyncDisposable> {
  return consumeFact(bus, {
    consumer: 'downloader-hub',
    fact: jobChanged,
    handle: async ({ payload: { job } }) => {
      const { models = [] } = job
      if (models.length === 0) return
      const holder = `job ${job.id}`
      if (over.has(job.status)) await store.hub.release(holder)
      else await store.hub.leaseNames(holder, models, holdMs)
    },
  })
}
