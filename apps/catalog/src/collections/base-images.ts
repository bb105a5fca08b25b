import { createClient } from '@easel/bus'
import type { Bus } from '@easel/bus'
import { gallery } from '@easel/contracts'
import type { BaseImage } from '@easel/contracts'
import { AppError, notFound } from '@easel/protocol'
import type { Actor } from '@easel/protocol'

const atOnce = 256
const timeoutMs = 2_000

type Place = { readonly actor: Actor; readonly spaceId: string }

/** The pictures that people put beside a LoRA: assets of the same space, which the gallery knows. */
export class BaseImages {
  private readonly bus: Bus

  constructor(bus: Bus) {
    this.bus = bus
  }

  /** @throws ASSET_NOT_FOUND unless all of them are assets of the space */
  async require(ids: readonly string[], place: Place): Promise<void> {
    const found = await this.find(ids, place)
    if (ids.some((id) => !found.has(id))) throw notFound('asset in this space', 'ASSET_NOT_FOUND')
  }

  /** Those that are assets of the space. */
  async find(ids: readonly string[], { actor, spaceId }: Place): Promise<ReadonlySet<string>> {
    const distinct = [...new Set(ids)]
    const parts = Array.from({ length: Math.ceil(distinct.length / atOnce) }, (_, part) =>
      distinct.slice(part * atOnce, (part + 1) * atOnce),
    )
    const client = createClient(this.bus, gallery)
    const answers = await Promise.all(
      parts.map((part) => client.findAssets({ ids: part }, { actor, timeoutMs }).catch(unanswered)),
    )
    const here = answers.flatMap(({ items }) => items).filter((asset) => asset.spaceId === spaceId)
    return new Set(here.map(({ id }) => id))
  }

  /** Without the gallery the rest of an answer is right all the same. */
  async show(ids: readonly string[], place: Place): Promise<(id: string) => BaseImage> {
    try {
      const found = await this.find(ids, place)
      return (assetId) => toBaseImage(assetId, found.has(assetId) ? 'present' : 'gone')
    } catch (cause) {
      const error = AppError.from(cause)
      this.bus.log.info({ err: error }, 'The gallery did not say which base images are there')
      return (assetId) => toBaseImage(assetId, 'unknown')
    }
  }
}

function toBaseImage(assetId: string, state: BaseImage['state']): BaseImage {
  return { assetId, state, thumbnailUrl: state === 'gone' ? null : `/api/assets/${assetId}/thumbnail` }
}

/** That nobody listened there is not to be taken for nobody having listened here. */
function unanswered(cause: unknown): never {
  if (!(cause instanceof AppError) || !cause.retryable) throw cause
  throw new AppError('unavailable', 'The gallery cannot be asked now', {
    reason: 'GALLERY_UNAVAILABLE',
    retryAfterMs: 1_000,
    cause,
  })
}
