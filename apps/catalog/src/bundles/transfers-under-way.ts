import { createClient } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { FindTransfers, FoundTransfers } from '@easel/contracts'
import type { TransferProgress } from '@easel/contracts'
import { AppError, defineService, query } from '@easel/protocol'

const downloader = defineService('downloader', 1, { findTransfers: query(FindTransfers, FoundTransfers) })
const timeoutMs = 1_000

/** What the downloader is fetching. Without it nothing is: the rest of an answer is right all the same. */
export class TransfersUnderWay {
  constructor(private readonly bus: Bus) {}

  async find(paths: readonly string[]): Promise<Map<string, TransferProgress>> {
    const found = new Map<string, TransferProgress>()
    if (paths.length === 0) return found
    try {
      const { items } = await createClient(this.bus, downloader).findTransfers(
        { paths: paths.slice(0, 500) },
        { timeoutMs },
      )
      for (const item of items) found.set(item.path, item)
    } catch (cause) {
      const error = AppError.from(cause)
      this.bus.log.info({ err: error }, 'The downloader did not say what it fetches')
    }
    return found
  }
}
