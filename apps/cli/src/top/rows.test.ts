import { expect, test } from 'vitest'
import { aBundle, aFile, wan } from '../../test/support/top-samples.ts'
import { rowsOf } from './rows.ts'

test('a file and its quantized twin are one row with the bytes of both', () => {
  const files = [
    aFile('wan_quanto_int8.safetensors', { choice: 'main', bytes: 300 }),
    aFile('wan_bf16.safetensors', { choice: 'main', bytes: 700, state: 'present' }),
  ]

  const rows = rowsOf([aBundle('wan', files)])

  expect(rows).toMatchObject([
    { name: 'wan_bf16.safetensors (+ quantized)', bytes: 1_000, state: 'missing', progress: 0.7 },
  ])
  expect(rows[0]?.files).toHaveLength(2)
})

test('with three files of one choice they stay apart, and so do two that are both quantized or neither', () => {
  const choice = 'main'
  const names = ['a_bf16.safetensors', 'a_fp16.safetensors', 'a_quanto.safetensors']

  expect(
    rowsOf([
      aBundle(
        'x',
        names.map((name) => aFile(name, { choice })),
      ),
    ]),
  ).toHaveLength(3)
  expect(
    rowsOf([
      aBundle(
        'x',
        names.slice(0, 2).map((name) => aFile(name, { choice })),
      ),
    ]),
  ).toHaveLength(2)
})

test('a file that several bundles want is one row', () => {
  const rows = rowsOf([wan, aBundle('other', [aFile('wan_vae.safetensors', { folder: 'vae' })])])

  expect(rows.filter(({ name }) => name === 'wan_vae.safetensors')).toMatchObject([
    { bundles: ['wan', 'other'], folder: 'vae' },
  ])
})

test('the halves of one model have the same pair, and nothing else has it', () => {
  const [high, low, ...others] = rowsOf([wan])

  expect(high?.pair).toBe(low?.pair)
  expect(others.map(({ pair }) => pair)).not.toContain(high?.pair)
})
