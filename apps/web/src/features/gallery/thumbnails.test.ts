import { expect, test } from 'vitest'
import { anAsset } from './an-asset.ts'
import { thumbnailsOf } from './thumbnails.ts'

const widths = (width: number | null, height: number | null) =>
  thumbnailsOf(anAsset({ width, height }))
    .srcSet.split(', ')
    .map((entry) => entry.split(' ')[1])

test('the browser is told how wide each is, not how long its longer side', () => {
  expect(widths(1_536, 768)).toEqual(['256w', '512w', '1024w'])
  expect(widths(768, 1_536)).toEqual(['128w', '256w', '512w'])
  expect(widths(null, null)).toEqual(['256w', '512w', '1024w'])
})

test('none is asked for that cannot be larger than the one before', () => {
  expect(widths(512, 512)).toEqual(['256w', '512w'])
  expect(widths(64, 64)).toEqual(['64w'])
  expect(widths(20, 4_000)).toEqual(['1w', '3w', '5w'])
})
