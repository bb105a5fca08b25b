import { expect, test } from 'vitest'
import type { BundleStatus } from '@easel/client'
import { findFiles } from './find-files.ts'

type File = BundleStatus['files'][number]

const aFile = (filename: string, more: Partial<File> = {}): File => ({
  folder: 'diffusion_models',
  filename,
  urls: [`https://models.example/${filename}`],
  state: 'missing',
  progress: 0,
  ...more,
})

const aBundle = (id: string, files: File[]): BundleStatus => ({
  id,
  state: 'missing',
  progress: 0,
  bytesPresent: 0,
  bytesTotal: 0,
  files,
})

const bundles = [
  aBundle('wan', [
    aFile('wan_high_noise.safetensors', { noise: 'high' }),
    aFile('wan_low_noise.safetensors', { noise: 'low' }),
    aFile('wan_vae.safetensors', { folder: 'vae' }),
  ]),
  aBundle('wan-fun', [aFile('wan_vae.safetensors', { folder: 'vae' }), aFile('wan_vae_2.safetensors')]),
]
const namesOf = (text: string) => findFiles(bundles, text).map(({ file }) => file.filename)

test('a name that fits exactly leaves others out', () => {
  expect(namesOf('wan_vae.safetensors')).toEqual(['wan_vae.safetensors'])
  expect(namesOf('WAN_VAE')).toEqual(['wan_vae.safetensors'])
})

test('a part of a name finds all that hold it, each place once', () => {
  expect(namesOf('vae')).toEqual(['wan_vae.safetensors', 'wan_vae_2.safetensors'])
})

test('one half of a pair brings the other, and they count as one', () => {
  const found = findFiles(bundles, 'high_noise')

  expect(found.map(({ file }) => file.noise)).toEqual(['high', 'low'])
  expect(new Set(found.map(({ pair }) => pair)).size).toBe(1)
})

test('what nobody is called finds nothing', () => {
  expect(namesOf('flux')).toEqual([])
})
