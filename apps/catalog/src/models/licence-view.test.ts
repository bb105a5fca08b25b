import { expect, test } from 'vitest'
import { allowsCommercialUse, toLicenceView } from './licence-view.ts'
import type { KeptLicence } from './licence-view.ts'

const licence = (changes: Partial<KeptLicence>): KeptLicence => ({
  id: null,
  name: null,
  url: null,
  commercialUse: null,
  derivatives: null,
  credit: null,
  sameLicence: null,
  ...changes,
})

test.each([
  ['apache-2.0', 'Apache 2.0', true],
  ['mit', 'MIT', true],
  ['openrail++', 'OpenRAIL++-M', true],
  ['creativeml-openrail-m', 'CreativeML OpenRAIL-M', true],
  ['cc-by-nc-4.0', 'CC BY-NC 4.0', false],
  ['llama3.1', 'Llama 3.1 Community', true],
  ['qwen-research', 'Qwen Research', false],
  ['apple-amlr', 'Apple Machine Learning Research', false],
])('%s is known', (id, name, sells) => {
  expect(toLicenceView(licence({ id }))).toMatchObject({ id, name, commercialUse: sells })
})

test.each([
  ['flux-1-dev-non-commercial-license', 'FLUX.1 [dev] Non-Commercial'],
  ['stabilityai-ai-community', 'Stability AI Community'],
  ['stabilityai-nc-research-community', 'Stability AI Non-Commercial Research'],
  ['tongyi-qwen', 'Qwen'],
  ['Tencent-Hunyuan-Community', 'Tencent Hunyuan Community'],
  ['ltx-2-community-license-agreement', 'LTX-2 Community'],
])('the name %s tells what "other" is', (name, known) => {
  expect(toLicenceView(licence({ id: 'other', name }))).toMatchObject({ name: known })
})

test('flags are told in plain words', () => {
  const { terms } = toLicenceView(
    licence({ commercialUse: ['image'], derivatives: true, credit: true, sameLicence: true }),
  )

  expect(terms).toEqual([
    'You may sell images you make with it',
    'You may not offer it in a paid service',
    'You may not sell the model itself or merges of it',
    'You must name its creator',
    'You may share merges of it',
    'Merges must keep these permissions',
  ])
})

test('what nobody says is not claimed', () => {
  const view = toLicenceView(licence({}))

  expect(view).toMatchObject({ commercialUse: null, creditRequired: null, derivatives: null })
  expect(view.terms).toHaveLength(1)
  expect(allowsCommercialUse(licence({ id: 'constructor' }))).toBeNull()
  expect(allowsCommercialUse(licence({ id: '__proto__' }))).toBeNull()
  expect(allowsCommercialUse(licence({ commercialUse: [] }))).toBe(false)
})
