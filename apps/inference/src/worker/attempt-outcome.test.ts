import type { RunResult } from '@easel/comfyui'
import type { JobOutput } from '@easel/contracts'
import { expect, test } from 'vitest'
import { outcomeOf, outcomeOfStop } from './attempt-outcome.ts'

const result = (change: Partial<RunResult>): RunResult => ({
  promptId: 'p',
  status: 'succeeded',
  outputs: [],
  droppedOutputs: [],
  nodeErrors: [],
  nodeTimings: [],
  comments: [],
  ...change,
})
const output = { index: 0 } as JobOutput

test('each error of ComfyUI has its code, and only those that may go better elsewhere are repeated', () => {
  const kinds = ['validation', 'execution', 'out-of-memory', 'lost', 'unreachable', 'protocol'] as const

  const outcomes = kinds.map((kind) =>
    outcomeOf(result({ status: kind === 'lost' ? 'lost' : 'failed', error: { kind, message: 'x' } }), []),
  )

  expect(outcomes.map(({ result: end, retryable, error }) => [end, retryable, error!.code])).toEqual([
    ['failed', false, 'GRAPH_INVALID'],
    ['failed', false, 'NODE_FAILED'],
    ['failed', true, 'OUT_OF_MEMORY'],
    ['lost', true, 'COMFYUI_LOST'],
    ['lost', true, 'COMFYUI_LOST'],
    ['failed', true, 'COMFYUI_PROTOCOL'],
  ])
})

test('a dropped output is named together with what was wrong', () => {
  const faults = [{ path: 'workflow.7.inputs.images', message: 'Required input is missing: images' }]

  const { warnings } = outcomeOf(result({ droppedOutputs: ['7'], nodeErrors: faults }), [output])

  expect(warnings).toEqual([
    {
      path: 'workflow.7',
      message: 'ComfyUI left this output out: Required input is missing: images',
    },
    ...faults,
  ])
})

test('an error stays small enough for a message, whatever a node says', () => {
  const error = {
    kind: 'execution' as const,
    message: 'x'.repeat(2_000_000),
    traceback: Array<string>(5_000).fill('y'.repeat(10_000)),
    faults: Array.from({ length: 5_000 }, () => ({ path: 'z'.repeat(9_000), message: 'm'.repeat(9_000) })),
  }

  const outcome = outcomeOf(result({ status: 'failed', error }), [])

  expect(JSON.stringify(outcome).length).toBeLessThan(300_000)
})

test('an interrupt from elsewhere is a failure, ours is a cancel', () => {
  expect(outcomeOf(result({ status: 'interrupted' }), [])).toMatchObject({
    result: 'failed',
    error: { code: 'INTERRUPTED' },
  })
  expect(outcomeOfStop('canceled')).toMatchObject({ result: 'canceled', retryable: false })
})
