import { expect, test } from 'vitest'
import { errorWords, placeOf, reasonWords } from './error-words.ts'
import { fits, readQueueSearch } from './queue-search.ts'
import type { JobView } from '@easel/client'

test.each([
  ['OUT_OF_MEMORY', 'torch.OutOfMemoryError', 'The GPU ran out of memory'],
  [
    'NODE_FAILED',
    'Node type not found: FaceDetailer does not exist',
    'A node of this workflow is not installed',
  ],
  ['GRAPH_INVALID', 'Value not in list: ckpt_name', 'A file that the workflow names is not there'],
  ['POISON', 'Given up', 'Given up after several attempts'],
  ['SOMETHING_NEW', 'said so', 'It failed'],
])('%s (%s) is told as “%s”', (code, message, title) => {
  expect(errorWords({ code, message }).title).toBe(title)
})

test('a node that failed is named, and what does not fit together is explained', () => {
  const words = errorWords({
    code: 'NODE_FAILED',
    message: 'mat1 and mat2 shapes cannot be multiplied',
    nodeClass: 'KSampler',
  })

  expect(words.title).toBe('The node KSampler failed')
  expect(words.advice).toContain('do not fit together')
})

test('the path of a fault tells node and input', () => {
  expect(placeOf('workflow.3.inputs.cfg')).toEqual({ node: '3', input: 'cfg' })
  expect(placeOf('workflow.12')).toEqual({ node: '12' })
  expect(placeOf('elsewhere')).toEqual({})
})

test.each([
  [
    'It lacks a label that the job asks for: a100 (w1)',
    ['w1'],
    'w1 lacks a label that the job asks for: a100',
  ],
  ['Its slots are taken (w1)', ['w1'], 'w1: its slots are taken'],
  ['It is gone (w1, w2)', ['w1', 'w2'], 'Each of 2 workers is gone'],
  ['3 jobs are served before it', undefined, '3 jobs are served before it'],
])('“%s” of %j is told as “%s”', (message, workers, told) => {
  expect(reasonWords({ message, ...(workers && { workers }) })).toBe(told)
})

test('an address with nonsense in it is the whole queue', () => {
  expect(readQueueSearch({ show: 'all', whose: '', since: 'yesterday', job: 5 })).toEqual({
    job: '5',
  })
})

test('a job that is heard of fits a filter as the server would say', () => {
  const job = {
    spaceId: 's',
    createdBy: 'u',
    name: 'Harbour',
    models: ['sd15.safetensors'],
    createdAt: '2026-11-20T10:00:00.000Z',
  } as JobView

  expect(fits(job, { spaceId: 's', q: 'HARB' })).toBe(true)
  expect(fits(job, { spaceId: 's', q: 'sd15' })).toBe(true)
  expect(fits(job, { spaceId: 's', createdBy: 'other' })).toBe(false)
  expect(fits(job, { spaceId: 's', since: '2026-11-21' })).toBe(false)
  expect(fits(job, { spaceId: 'other' })).toBe(false)
})
