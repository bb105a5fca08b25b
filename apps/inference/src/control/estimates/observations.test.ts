import { expect, test } from 'vitest'
import type { EndedAttempt } from '../jobs/job-machine.ts'
import { observationOf } from './observations.ts'

function anEnd(
  details: Partial<EndedAttempt['details']> = {},
  signature: string | null = 'e c 4',
): EndedAttempt {
  const job = { signature, models: ['m.safetensors'], loras: ['ink.safetensors'] }
  const told = { result: 'succeeded', timings: { modelLoadMs: 3_000, executeMs: 8_000 }, ...details }
  return { job, attempt: { workerId: 'w1' }, details: told } as unknown as EndedAttempt
}

test('a run tells of its signature by the run, of its kind and model by the unit of work', () => {
  expect(observationOf(anEnd())).toEqual({
    runs: [
      { key: 'exact:e', seconds: 8 },
      { key: 'coarse:c', seconds: 2 },
      { key: 'model:m.safetensors', seconds: 2 },
    ],
    loads: [],
  })
})

test('loads are learned of models that the job names, within reason', () => {
  const loads = [
    { model: 'm.safetensors', ms: 3_000 },
    { model: 'ink.safetensors', ms: 90 },
    { model: 'of-somebody-else.safetensors', ms: 10 },
    { model: 'm.safetensors', ms: 1e12 },
  ]

  expect(observationOf(anEnd({ loads }))?.loads).toEqual([
    { workerId: 'w1', model: 'm.safetensors', ms: 3_000 },
    { workerId: 'w1', model: 'ink.safetensors', ms: 90 },
  ])
})

test.each<[string, EndedAttempt]>([
  ['a failure', anEnd({ result: 'failed' })],
  ['a repeat out of the cache', anEnd({ cached: true })],
  ['a run that was not seen', anEnd({ timings: {} })],
  ['a job of an earlier release', anEnd({}, null)],
  ['an attempt that ended without a word', { ...anEnd(), details: undefined } as unknown as EndedAttempt],
])('nothing is learned of %s', (_, end) => {
  expect(observationOf(end)).toBeUndefined()
})
