import type { AssetView } from '@easel/client'

/** How a person would call it. */
export const nameOfAsset = ({ prompt, filename, kind }: AssetView): string => prompt || filename || kind
