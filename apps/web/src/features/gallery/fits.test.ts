import { expect, test } from 'vitest'
import { anAsset } from './an-asset.ts'
import { fits } from './fits.ts'
import type { GetAssetsQuery } from '@easel/client'

test.each<GetAssetsQuery>([
  {},
  { spaceId: 'space', sort: 'rating', limit: 5 },
  { q: 'DAWN harb' },
  { q: 'sea' },
  { model: 'juniper.safetensors' },
  { tag: ' Sea ' },
  { rating: 3, favorite: false },
  { since: '2026-11-20T12:00:00.000Z', until: '2026-11-20T12:00:01.000Z' },
])('%j holds it', (query) => expect(fits(anAsset(), query)).toBe(true))

test.each<GetAssetsQuery>([
  { spaceId: 'other' },
  { q: 'harbour dusk' },
  { kind: 'video' },
  { origin: 'upload' },
  { createdBy: 'bob' },
  { sessionId: 's' },
  { model: 'juniper' },
  { lora: 'film' },
  { tag: 'se' },
  { rating: 4 },
  { favorite: true },
  { since: '2026-11-20T12:00:00.001Z' },
  { until: '2026-11-20T12:00:00.000Z' },
])('%j does not', (query) => expect(fits(anAsset(), query)).toBe(false))
