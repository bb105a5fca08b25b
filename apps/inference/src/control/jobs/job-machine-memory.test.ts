import { expect, test } from 'vitest'
import { advance } from './job-machine.ts'
import type { GpuMemory, JobState } from './job-machine.ts'
import type { Attempt, Job } from './job.ts'

const at = new Date('2026-11-20T10:00:00.000Z')
const gib = 2 ** 30

/** A job whose attempts have run out of memory so often, and whose next one runs. */
function running({ failures = 0, minVram = null as number | null } = {}): JobState {
  const number = failures + 1
  const job = {
    id: 'j',
    status: 'running',
    attempt: number,
    workerId: `w${number}`,
    createdAt: at,
    boundAt: at,
  }
  const rest = { avoid: [], timings: {}, warnings: [], outputs: [], gpuSeconds: 0, costMicros: 0, minVram }
  const error = { code: 'OUT_OF_MEMORY', message: 'CUDA out of memory' }
  const attempts = Array.from({ length: number }, (_, index) => ({
    jobId: 'j',
    number: index + 1,
    workerId: `w${index + 1}`,
    state: index < failures ? 'failed' : 'running',
    death: false,
    boundAt: at,
    startedAt: at,
    error: index < failures ? error : null,
  }))
  return { job: { ...job, ...rest } as unknown as Job, attempts: attempts as unknown as Attempt[] }
}

function runOut(state: JobState, memory?: GpuMemory) {
  const attempt = state.attempts.length
  return advance(
    state,
    {
      type: 'ended',
      attempt,
      worker: `w${attempt}`,
      end: {
        result: 'failed',
        retryable: true,
        outputs: [],
        warnings: [],
        timings: {},
        usage: { gpuSeconds: 3, costMicros: 0 },
        error: { code: 'OUT_OF_MEMORY', message: 'CUDA out of memory' },
      },
      ...(memory && { memory }),
    },
    at,
  )
}

test('a job that runs out of memory is tried once more wherever there is room', () => {
  const { job, ended } = runOut(running(), { worker: 8 * gib, largest: 8 * gib })

  expect(job).toMatchObject({ status: 'queued', minVram: null, avoid: ['w1'] })
  expect(ended).toMatchObject([{ attempt: { number: 1, state: 'failed', gpuSeconds: 3 } }])
})

test('the second time it waits for a larger worker', () => {
  const { job } = runOut(running({ failures: 1 }), { worker: 8 * gib, largest: 24 * gib })

  expect(job).toMatchObject({ status: 'queued', minVram: 8 * gib + 1 })
})

test('without a larger worker it fails and says what it needs', () => {
  const { job } = runOut(running({ failures: 1 }), { worker: 8 * gib, largest: 8 * gib })

  expect(job).toMatchObject({ status: 'failed', error: { code: 'OUT_OF_MEMORY' } })
  expect(job.error?.message).toContain('needs more than 8 GB of GPU memory')
})

test('it goes up to the largest worker, and is never taken for poison', () => {
  const up = runOut(running({ failures: 3, minVram: 8 * gib + 1 }), { worker: 24 * gib, largest: 80 * gib })
  const end = runOut(running({ failures: 4, minVram: 24 * gib + 1 }), { worker: 80 * gib, largest: 80 * gib })

  expect(up.job).toMatchObject({ status: 'queued', minVram: 24 * gib + 1 })
  expect(end.job).toMatchObject({ status: 'failed', error: { code: 'OUT_OF_MEMORY' } })
})

test('a worker that does not tell its memory gets no third try', () => {
  expect(runOut(running({ failures: 1 })).job).toMatchObject({
    status: 'failed',
    error: { code: 'OUT_OF_MEMORY', message: 'CUDA out of memory' },
  })
})
