import type { AssetView } from '@easel/client'

/** For tests. */
export function anAsset(change: Partial<AssetView> = {}): AssetView {
  return {
    id: 'a',
    kind: 'image',
    origin: 'job',
    mime: 'image/png',
    filename: 'Harbour.png',
    width: 1024,
    height: 768,
    bytes: 1_000,
    hash: 'blake3:0',
    url: '/api/assets/a/content',
    thumbnail: 'ready',
    prompt: 'a harbour at dawn',
    models: ['juniper.safetensors'],
    loras: [],
    tags: ['sea'],
    rating: 3,
    favorite: false,
    spaceId: 'space',
    createdBy: 'ann',
    createdAt: '2026-11-20T12:00:00.000Z',
    updatedAt: '2026-11-20T12:00:00.000Z',
    ...change,
  }
}
