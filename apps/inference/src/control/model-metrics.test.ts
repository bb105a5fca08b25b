import { createMetrics } from '@easel/observability'
import { expect, test } from 'vitest'
import { ModelMetrics } from './model-metrics.ts'
import type { EndedAttempt } from './jobs/job-machine.ts'

function anEnd(model: string | undefined, state: string, code?: string): EndedAttempt {
  const job = { pool: 'default', models: model === undefined ? [] : [model] }
  return { job, attempt: { state, error: code ? { code, message: '' } : null } } as unknown as EndedAttempt
}

async function linesOf(work: (metrics: ModelMetrics) => void): Promise<string[]> {
  const metrics = createMetrics('test', { process: false })
  work(new ModelMetrics(metrics))
  return (await metrics.text()).split('\n').filter((line) => line.startsWith('easel_'))
}

test('attempts are counted by model and end, and those that ran out of memory apart', async () => {
  const lines = await linesOf((metrics) => {
    metrics.attemptsEnded([
      anEnd('sdxl.safetensors', 'succeeded'),
      anEnd('sdxl.safetensors', 'failed', 'OUT_OF_MEMORY'),
      anEnd(undefined, 'lost'),
    ])
  })

  expect(lines).toEqual([
    'easel_attempts_ended_total{pool="default",model="sdxl.safetensors",result="succeeded",service="test"} 1',
    'easel_attempts_ended_total{pool="default",model="sdxl.safetensors",result="failed",service="test"} 1',
    'easel_attempts_ended_total{pool="default",model="none",result="lost",service="test"} 1',
    'easel_attempts_out_of_memory_total{pool="default",model="sdxl.safetensors",service="test"} 1',
  ])
})

test('names of models, which callers make, stay few', async () => {
  const lines = await linesOf((metrics) => {
    metrics.attemptsEnded(Array.from({ length: 500 }, (_, n) => anEnd(`m${n}.pt`, 'succeeded')))
  })

  expect(lines).toHaveLength(26)
  expect(lines.at(-1)).toContain('model="other",result="succeeded",service="test"} 475')
})

test('a queue that is gone is told as empty, and small ones together', async () => {
  const depth = (model: string, waiting: number) => ({
    pool: 'default',
    model,
    waiting,
    oldestSeconds: waiting,
  })
  const lines = await linesOf((metrics) => {
    metrics.queueSeen([depth('a.pt', 5), depth('b.pt', 3)])
    metrics.queueSeen([depth('b.pt', 1)])
  })

  expect(lines).toContain('easel_model_jobs_waiting{pool="default",model="a.pt",service="test"} 0')
  expect(lines).toContain('easel_model_jobs_waiting{pool="default",model="b.pt",service="test"} 1')
})
