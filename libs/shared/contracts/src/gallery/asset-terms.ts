export const assetOrigins = ['job', 'upload'] as const
export type AssetOrigin = (typeof assetOrigins)[number]

export const assetSorts = ['newest', 'oldest', 'rating'] as const
export type AssetSort = (typeof assetSorts)[number]

/** Longest side in pixels. */
export const thumbnailSizes = [256, 512, 1024] as const
export type ThumbnailSize = (typeof thumbnailSizes)[number]

export const thumbnailStates = ['pending', 'ready', 'none', 'failed'] as const
export type ThumbnailState = (typeof thumbnailStates)[number]
