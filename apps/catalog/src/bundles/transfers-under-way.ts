import { createClient } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { downloader } from '@easel/contracts'
import type { TransferProgress } from '@easel/contracts'
import { AppError } from '@easel/protocol'
import type { Actor } from '@easel/protocol'

const timeoutMs = 400
/** Where no downloader is, asking for one takes longer than all the rest. */
const absentMs = 2_000

/** What the downloader is fetching. Without it nothing is: the rest of an answer is right all the same. */
export class TransfersUnderWay {
  private absentUntil = -Infinity

  constructor(private readonly bus: Bus) {}

  async find(actor: Actor, paths: readonly string[]): Promise<Map<string, TransferProgress>> {
    const found = new Map<string, TransferProgress>()
    if (paths.length === 0 || performance.now() < this.absentUntil) return found
    try {
      const { items } = await createClient(this.bus, downloader).findTransfers(
        { paths: paths.slice(0, 500) },
        { actor, timeoutMs },
      )
      for (const item of items) found.set(item.path, item)
    } catch (cause) {
      const error = AppError.from(cause)
      if (error.reason === 'NOBODY_LISTENS') this.absentUntil = performance.now() + absentMs
      this.bus.log.info({ err: error }, 'The downloader did not say what it fetches')
    }
    return found
  }
}
