import { expect, test } from 'vitest'
import { timingsOf } from './attempt-timings.ts'
import type { RunResult } from '@easel/comfyui'

const none = { inputsMs: 0, saveMs: 0 }

function aRun(executionMs: number | undefined): RunResult {
  const node = { startedAtMs: 0, endedAtMs: 4_000, cached: false }
  return {
    promptId: '1',
    status: 'succeeded',
    outputs: [],
    droppedOutputs: [],
    nodeErrors: [],
    nodeTimings: [
      { ...node, nodeId: '1', classType: 'CheckpointLoaderSimple', endedAtMs: 1_000 },
      { ...node, nodeId: '2', classType: 'KSampler', startedAtMs: 1_000 },
    ],
    comments: [],
    executionMs,
  }
}

test('a run takes what ComfyUI says, loading and the rest apart', () => {
  const { timings, gpuSeconds } = timingsOf(aRun(5_000), none)

  expect(timings).toMatchObject({ modelLoadMs: 1_000, executeMs: 4_000 })
  expect(gpuSeconds).toBe(5)
})

test.each([
  ['is not known', undefined],
  ['was taken by a clock that was set back', -3_600_000],
])('when its time %s, what was seen of it counts', (_, executionMs) => {
  const { timings, gpuSeconds } = timingsOf(aRun(executionMs), none)

  expect(timings).toMatchObject({ modelLoadMs: 1_000, executeMs: 3_000 })
  expect(gpuSeconds).toBe(4)
})
