import { createClient } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { downloader, needs } from '@easel/contracts'
import type { DownloadView, ModelWish, NeedsView } from '@easel/contracts'
import { AppError } from '@easel/protocol'
import type { Actor } from '@easel/protocol'

/** Whose wish it is. */
export type Owner = { spaceId: string; createdBy: string }

/** A check asks the sources, which takes seconds. */
const checkMs = 8_000
const callMs = 5_000
const createMs = 15_000

/** What control asks of the catalogue and of the downloader, for the owner of a job. */
export class ModelServices {
  constructor(private readonly bus: Bus) {}

  check(owner: Owner, workflow: Record<string, unknown>, offline: boolean): Promise<NeedsView> {
    const request = { workflow, ...(offline && { offline }) }
    return createClient(this.bus, needs).check(request, { actor: actorOf(owner), timeoutMs: checkMs })
  }

  /** Asked twice with one id, there is one download. */
  create(owner: Owner, id: string, wishes: readonly ModelWish[]): Promise<DownloadView> {
    const request = { id, source: 'files' as const, files: [...wishes], spaceId: owner.spaceId }
    return createClient(this.bus, downloader).createDownload(request, {
      actor: actorOf(owner),
      timeoutMs: createMs,
    })
  }

  get(owner: Owner, id: string): Promise<DownloadView> {
    return createClient(this.bus, downloader).getDownload(
      { id },
      { actor: actorOf(owner), timeoutMs: callMs },
    )
  }

  /** Who else wants the same file still gets it. */
  async cancel(owner: Owner, id: string): Promise<void> {
    try {
      await createClient(this.bus, downloader).cancelDownload(
        { id },
        { actor: actorOf(owner), timeoutMs: callMs },
      )
    } catch (cause) {
      const { code } = AppError.from(cause)
      if (code !== 'not_found' && code !== 'conflict') throw cause
    }
  }
}

/** As much as is needed to act in the job's space. */
function actorOf({ spaceId, createdBy }: Owner): Actor {
  return {
    userId: createdBy,
    role: 'member',
    personalSpaceId: spaceId,
    spaces: { [spaceId]: 'editor' },
    scopes: ['models:read', 'models:write'],
  }
}
