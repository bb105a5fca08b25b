import { expect, test } from 'vitest'
import { exclude, missingModels, unfit } from './filter.ts'
import type { Demands } from './filter.ts'
import type { KnownClasses, Place } from './snapshot.ts'

const gib = 2 ** 30
const digest = 'a'.repeat(64)

const place = {
  id: 'w1',
  pool: 'default',
  ready: true,
  draining: false,
  lost: false,
  runSlots: 1,
  prefetchSlots: 1,
  definitions: 'hash',
  silentMs: 500,
  labels: ['a100', 'eu'],
  environment: digest,
  vramTotal: 24 * gib,
  open: 0,
} as Place

const job: Demands = {
  pool: 'default',
  classes: ['CheckpointLoaderSimple', 'SaveImage'],
  models: ['sdxl.safetensors'],
  loras: [],
  labels: [],
  environment: null,
  minVram: null,
}

const classes = new Set(['CheckpointLoaderSimple', 'SaveImage', 'PackLoader'])
const offered = {
  files: new Set(['sdxl.safetensors', 'ink.safetensors']),
  unlisted: new Set(['PackLoader']),
}
const known: KnownClasses = {
  get: (hash) => (hash === 'hash' ? classes : undefined),
  modelsOf: (hash) => (hash === 'hash' ? offered : undefined),
}

test('a worker that has all that is asked for is not excluded', () => {
  const demands = { labels: ['eu'], environment: digest, minVram: 24 * gib, loras: ['ink.safetensors'] }
  expect(exclude({ ...job, ...demands }, place, known)).toBeUndefined()
})

test.each([
  ['LABEL_MISSING', { labels: ['eu', 'h100'] }],
  ['OTHER_ENVIRONMENT', { environment: 'b'.repeat(64) }],
  ['VRAM_TOO_SMALL', { minVram: 24 * gib + 1 }],
  ['NODE_CLASS_MISSING', { classes: ['Unknown'] }],
  ['MODEL_MISSING', { models: ['other.safetensors'] }],
  ['MODEL_MISSING', { loras: ['other.safetensors'] }],
] as const)('%s excludes a worker', (reason, demands) => {
  expect(exclude({ ...job, ...(demands as Partial<Demands>) }, place, known)).toBe(reason)
})

test('a worker that does not tell its memory is too small for who asks for some', () => {
  expect(unfit({ ...job, minVram: 1 }, { ...place, vramTotal: null }, known)).toBe('VRAM_TOO_SMALL')
})

test('a loader that lists nothing may have anything', () => {
  const free = { ...job, classes: ['PackLoader'], models: ['other.safetensors'] }
  expect(missingModels(free, place, known)).toEqual([])
  expect(exclude(free, place, known)).toBeUndefined()
})

test('taken slots exclude a worker only when all else fits', () => {
  const busy = { ...place, open: 2 }
  expect(exclude(job, busy, known)).toBe('ALL_BUSY')
  expect(unfit(job, busy, known)).toBeUndefined()
  expect(exclude({ ...job, labels: ['h100'] }, busy, known)).toBe('LABEL_MISSING')
})

test('a worker that fetches models is given a job whose missing ones are known, and no other', () => {
  const cached = { ...place, fetchesModels: true }
  const absent = { ...job, models: ['sdxl.safetensors', 'new.safetensors'] }

  expect(unfit({ ...absent, fetchable: ['new.safetensors'] }, cached, known)).toBeUndefined()
  expect(unfit(absent, cached, known)).toBe('MODEL_MISSING')
  expect(unfit({ ...absent, fetchable: ['new.safetensors'] }, place, known)).toBe('MODEL_MISSING')
})
