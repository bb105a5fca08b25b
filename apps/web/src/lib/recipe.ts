/**
 * How something was made, as far as its maker told: handed to Create from an example of a model or a picture of the
 * gallery. Carried in the state of the navigation (`navigate({ to: '/create', state: { recipe } })`): it is too long for
 * an address, and done with once taken.
 */
export type Recipe = {
  prompt?: string
  negative?: string
  seed?: string
  steps?: number
  cfg?: number
  /** As its source names it: `Euler a`, `dpmpp_2m`. */
  sampler?: string
  scheduler?: string
  width?: number
  height?: number
  /** File name of a checkpoint, if it is known. */
  model?: string
  /** Trigger words to add to the prompt when they are not in it. */
  triggerWords?: readonly string[]
  loras?: readonly { name: string; weight?: number }[]
}

declare module '@tanstack/react-router' {
  // eslint-disable-next-line typescript/consistent-type-definitions -- the router's types are extended by merging
  interface HistoryState {
    recipe?: Recipe
  }
}

/** The kind under which an asset is dragged from the gallery; the data is its id. */
export const draggedAsset = 'application/x-easel-asset'
