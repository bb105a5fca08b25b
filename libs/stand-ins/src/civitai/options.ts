import type { Signer } from '../http/delivery.ts'
import type { CivitaiWorld } from '../world/civitai-world.ts'

export type CivitaiOptions = {
  readonly world: CivitaiWorld
  readonly tokens: ReadonlySet<string>
  readonly signer: Signer
  /** Does a search by text with filters find what there is? The real one does not. */
  readonly combinedSearch: () => boolean
}
