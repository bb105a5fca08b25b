import { expect, test } from 'vitest'
import { allFiles, planOf } from './install-plan.ts'
import type { ModelFileView, ModelView, VersionView } from '@easel/client'

const aFile = (file: Partial<ModelFileView>): ModelFileView => ({
  id: '1',
  name: 'a.safetensors',
  format: 'safetensors',
  primary: false,
  unsafe: false,
  bytes: 100,
  ...file,
})

function aModel(source: ModelView['source'], ...files: ModelFileView[]) {
  const version = { id: '20', files } as unknown as VersionView
  return { model: { source, id: 'owner/name', versions: [version] } as unknown as ModelView, version }
}

const usual = { chosen: undefined, alone: false }

test('the primary file is meant unless another is chosen, and what only describes is no choice', () => {
  const { model, version } = aModel(
    'civitai',
    aFile({ id: '1', name: 'readme.md', format: 'other' }),
    aFile({ id: '2', name: 'full.safetensors', bytes: 400 }),
    aFile({ id: '3', primary: true }),
  )

  expect(planOf(model, version, usual)).toMatchObject({
    choices: [{ id: '2' }, { id: '3' }],
    wish: { source: 'civitai', versionId: '20' },
    bytes: 100,
  })
  expect(planOf(model, version, { chosen: '2', alone: false })?.wish).toEqual({
    source: 'civitai',
    versionId: '20',
    fileId: '2',
  })
})

test('of a model in two halves both come, unless one is wanted alone or here', () => {
  const high = aFile({ id: 'h', name: 'm_high_noise.safetensors' })
  const low = aFile({ id: 'l', name: 'm_low_noise.safetensors' })
  const { model, version } = aModel('huggingface', high, low)

  expect(planOf(model, version, usual)).toMatchObject({
    companion: low,
    bytes: 200,
    wish: { source: 'files', files: [{ path: 'h', repo: 'owner/name' }, { path: 'l' }] },
  })
  expect(planOf(model, version, { chosen: 'h', alone: true })).toMatchObject({
    bytes: 100,
    wish: { path: 'h' },
  })
  const kept = aModel('huggingface', high, { ...low, libraryFileId: 'x' })
  expect(planOf(kept.model, kept.version, usual)).toMatchObject({ bytes: 100, wish: { path: 'h' } })
})

test('all of a version are those that are not here, and very many are asked for by their kind', () => {
  const files = Array.from({ length: 3 }, (_, index) => aFile({ id: `f${index}`, name: `f${index}.gguf` }))
  const few = aModel('huggingface', { ...files[0]!, libraryFileId: 'x' }, ...files.slice(1))
  const all = { chosen: allFiles, alone: false }

  expect(planOf(few.model, few.version, all)).toMatchObject({
    missing: [{ id: 'f1' }, { id: 'f2' }],
    wish: { source: 'files', files: [{ path: 'f1' }, { path: 'f2' }] },
  })
  const many = aModel(
    'huggingface',
    ...Array.from({ length: 201 }, (_, index) => aFile({ id: String(index) })),
  )
  expect(planOf(many.model, many.version, all)?.wish).toMatchObject({ source: 'huggingface', revision: '20' })
  const none = aModel('civitai')
  expect(planOf(none.model, none.version, usual)).toBeUndefined()
})
