import { hubConfig } from '@easel/config'
import type { BlobsConfig, Reader } from '@easel/config'

export type ModelCacheConfig = {
  /** The models folder of the node's ComfyUI, or one that its extra_model_paths name. */
  readonly directory: string
  /** null: as much as the disk has. */
  readonly maxBytes: number | null
  readonly hub: BlobsConfig
  /** Contents of a hub on the same disk are linked to, where that is not said to be of no use. */
  readonly links?: boolean
}

/** Undefined: models are where ComfyUI is, or they are not. */
export function modelCacheConfig(read: Reader): ModelCacheConfig | undefined {
  const directory = read.path('EASEL_MODEL_CACHE_DIR', {
    optional: true,
    help: "The models folder of this node's ComfyUI, or another that it looks into. What jobs need is fetched there from EASEL_HUB.",
  })
  const maxBytes = read.bytes('EASEL_MODEL_CACHE_BYTES', {
    default: '0',
    help: 'How much of that folder may be fetched models; what was used longest ago goes. 0 is no limit.',
  })
  const links = read.flag('EASEL_MODEL_CACHE_LINKS', {
    default: true,
    help: 'false: contents are copied even from a hub on the same disk, because ComfyUI does not see the hub where the worker sees it.',
  })
  const hub = hubConfig(read)
  if (directory === undefined) return undefined
  if (!hub) {
    read.fault('EASEL_HUB', 'must be set where EASEL_MODEL_CACHE_DIR is')
    return undefined
  }
  return { directory, maxBytes: maxBytes === 0 ? null : maxBytes, hub, links }
}
