import type { NeedView } from '@easel/contracts'
import { expect, test } from 'vitest'
import { phaseOf, planFor, reasonsOf } from './model-wait.ts'
import type { ModelWait } from './model-wait.ts'

const name = 'm.safetensors'
const sha256 = 'a'.repeat(64)

function aNeed(changes: Partial<NeedView> = {}): NeedView {
  const wish = { source: 'huggingface' as const, repo: 'a/b', path: name }
  const file = { urls: [], folder: 'loras', filename: name, gate: 'open' as const }
  const sources = [{ wish, file, foundBy: 'bundle' as const }]
  return {
    name,
    nodes: ['1'],
    folder: 'loras',
    state: 'available',
    bytes: 100,
    sources,
    similar: [],
    ...changes,
  }
}

function aWait(changes: Partial<ModelWait> = {}): ModelWait {
  const files = planFor([name], [aNeed()], 'fetch').files
  return {
    jobId: 'j',
    state: 'fetching',
    files,
    downloadId: 'd',
    rounds: 0,
    bytesDone: 43,
    bytesTotal: 100,
    ...changes,
  }
}

test.each([
  ['available', 'fetch', 'fetching', 1],
  ['available', 'wait', 'waiting', 0],
  ['downloading', 'fetch', 'fetching', 1],
  ['downloading', 'wait', 'fetching', 0],
  ['gated', 'fetch', 'gated', 1],
  ['ambiguous', 'fetch', 'ambiguous', 0],
  ['unknown', 'fetch', 'unknown', 0],
] as const)('a file that is %s, of a job that shall %s, is %s', (...[state, mode, becomes, wishes]) => {
  const plan = planFor([name], [aNeed({ state })], mode)

  expect(plan.files).toMatchObject([{ name, state: becomes }])
  expect(plan.wishes).toHaveLength(wishes)
})

test('a file that is here under another name is put under the one that the graph has', () => {
  const here = aNeed({ state: 'present', path: 'loras/other.safetensors', sha256, sources: [] })

  expect(planFor([name], [here], 'fetch')).toMatchObject({
    files: [{ state: 'fetching' }],
    wishes: [{ source: 'hash', hash: sha256, folder: 'loras', filename: name }],
  })
  expect(planFor([name], [{ ...here, path: `loras/${name}` }], 'fetch')).toMatchObject({
    files: [{ state: 'present' }],
    wishes: [],
    held: [{ folder: 'loras', name, sha256, bytes: 100 }],
  })
})

test('a file that the catalogue says nothing of is one that nobody knows', () => {
  expect(planFor([name], [], 'fetch').files).toMatchObject([{ state: 'unknown' }])
})

test('a job shows how far its models are', () => {
  expect(phaseOf(aWait())).toEqual({ phase: 'downloading-models', progress: { value: 0.43 } })
  expect(phaseOf(aWait({ bytesTotal: 0 }))).toMatchObject({ progress: { value: 0 } })
  expect(phaseOf(aWait({ state: 'stuck' }))).toEqual({ phase: null, progress: null })
})

test('the reasons name each file and what is the matter with it', () => {
  const [file] = aWait().files
  const files = [
    { ...file!, progress: 0.435 },
    { ...file!, name: 'g', state: 'gated' as const, problem: 'accept the terms at https://x' },
    { ...file!, name: 'u', state: 'unknown' as const, problem: null },
  ]

  expect(reasonsOf(aWait({ files })).map(({ message }) => message)).toEqual([
    'm.safetensors is downloading: 43 %',
    'g is gated: accept the terms at https://x',
    'u: nobody knows where to get it',
  ])
  expect(reasonsOf(aWait({ state: 'done' }))).toEqual([])
})
