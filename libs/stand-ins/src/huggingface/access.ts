import type { Signer } from '../http/delivery.ts'
import type { HfRepo, HuggingFaceWorld } from '../world/huggingface-world.ts'

export type HubOptions = {
  readonly world: HuggingFaceWorld
  readonly signer: Signer
  /** Entries of a page of a tree; with `expand` a tenth. */
  readonly treePage: number
}

export function isGranted(world: HuggingFaceWorld, token: string | undefined, repo: HfRepo): boolean {
  const granted = token === undefined ? undefined : world.grants.get(token)
  return granted !== undefined && (granted.has('*') || granted.has(repo.id))
}
