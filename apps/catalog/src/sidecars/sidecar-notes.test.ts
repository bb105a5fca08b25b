import { expect, test } from 'vitest'
import { findBesides } from './sidecar-names.ts'
import { mergeNotes, sidecarNotes } from './sidecar-notes.ts'

const sha256 = 'AB'.repeat(32)

test("Civitai Helper's file tells model, version, words and hash", () => {
  const notes = sidecarNotes('civitai', {
    id: 128713,
    modelId: 4384,
    name: 'v8',
    baseModel: 'SD 1.5',
    trainedWords: ['castle, keep', 'moat,', ''],
    description: '<p>A &amp; B</p><p>C</p>',
    model: { name: 'Castles', type: 'LORA' },
    files: [{ primary: true, hashes: { SHA256: sha256, AutoV2: 'ABABABABAB' } }],
  })

  expect(notes).toEqual({
    title: 'Castles',
    baseModel: 'SD 1.5',
    triggerWords: ['castle, keep', 'moat'],
    description: 'A & B\nC',
    modelId: '4384',
    versionId: '128713',
    sha256: sha256.toLowerCase(),
  })
})

test("A1111's user metadata tell activation text, weight and notes", () => {
  const notes = sidecarNotes('a1111', {
    description: '',
    'sd version': 'SDXL',
    'activation text': 'castle, keep , castle',
    'preferred weight': 0.8,
    notes: 'good with rain',
  })

  expect(notes).toEqual({
    baseModel: 'SDXL',
    triggerWords: ['castle', 'keep'],
    preferredWeight: 0.8,
    notes: 'good with rain',
  })
})

test("Lora-Manager's, StabilityMatrix's and Swarm's files are read, too", () => {
  expect(
    sidecarNotes('lora-manager', {
      file_name: 'castle',
      model_name: 'Castle',
      base_model: 'Illustrious',
      sha256,
      usage_tips: '{"strength":0.7}',
      civitai: { id: 7, modelId: 5, trainedWords: ['keep'] },
    }),
  ).toMatchObject({ title: 'Castle', baseModel: 'Illustrious', preferredWeight: 0.7, versionId: '7' })
  expect(
    sidecarNotes('stability-matrix', {
      ModelId: 5,
      VersionId: 7,
      ModelName: 'Castle',
      BaseModel: 'Pony',
      TrainedWords: ['keep'],
      Hashes: { SHA256: sha256 },
    }),
  ).toMatchObject({ title: 'Castle', modelId: '5', triggerWords: ['keep'] })
  expect(sidecarNotes('swarm', { 'modelspec.title': 'Castle', 'modelspec.trigger_phrase': 'keep' })).toEqual({
    title: 'Castle',
    triggerWords: ['keep'],
  })
})

test.each([
  null,
  [],
  'text',
  { id: -1, modelId: 'x', trainedWords: { a: 1 }, files: 'no', 'preferred weight': 1e9 },
  { trainedWords: [null, 7, '  '], description: 5, sha256: 'zz', model: [] },
])('what makes no sense is left out: %j', (value) => {
  expect(sidecarNotes('civitai', value)).toEqual({})
  expect(sidecarNotes('a1111', value)).toEqual({})
  expect(sidecarNotes('stability-matrix', value)).toEqual({})
})

test('of several sidecars the first that says something counts', () => {
  expect(mergeNotes([{ title: 'a' }, { title: 'b', notes: 'c' }])).toEqual({ title: 'a', notes: 'c' })
})

test('only files of the very name lie beside a model', () => {
  const names = new Set(['a.json', 'a.civitai.info', 'a.png', 'a.preview.png', 'ab.json', 'b.png'])

  expect(findBesides('a', names)).toEqual({
    sidecars: [
      { kind: 'civitai', name: 'a.civitai.info' },
      { kind: 'a1111', name: 'a.json' },
    ],
    previews: ['a.preview.png', 'a.png'],
  })
})
