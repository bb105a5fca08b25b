import { AppError } from '@easel/protocol'
import { expect, test } from 'vitest'
import type { Graph } from '@easel/comfyui'
import { noLimits } from './limits.ts'
import type { HeldLimits } from './limits.ts'
import { requireAllowed } from './policy.ts'

const graph: Graph = {
  '1': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'xl\\base.safetensors' } },
  '2': { class_type: 'CLIPTextEncode', inputs: { text: 'a lighthouse', clip: ['1', 1] } },
  '3': {
    class_type: 'Power Lora Loader',
    inputs: { lora_1: { on: false, lora: 'ink.safetensors', strength: 1 }, model: ['1', 0] },
  },
  '4': { class_type: 'PrimitiveString', inputs: { value: 'hidden.ckpt' } },
}

const holder = (limits: Partial<HeldLimits>, who = 'The space s') => ({
  who,
  limits: { ...noLimits, weight: 1, ...limits },
})

function faults(...holders: ReturnType<typeof holder>[]) {
  try {
    requireAllowed(graph, holders)
    return []
  } catch (cause) {
    expect(cause).toMatchObject({ code: 'forbidden', extra: { reason: 'NOT_ALLOWED' } })
    return (cause as AppError).extra.faults?.map(({ path }) => path)
  }
}

test('without a policy all is allowed', () => {
  expect(faults(holder({}))).toEqual([])
  expect(faults(holder({ deniedNodes: [] }))).toEqual([])
})

test('denied nodes are told by their places', () => {
  expect(faults(holder({ deniedNodes: ['*Loader*', 'Nothing'] }))).toEqual([
    'workflow.1.class_type',
    'workflow.3.class_type',
  ])
})

test('a model is found in loaders, in values with a switch, and in texts that a link may carry', () => {
  expect(faults(holder({ allowedModels: [] }))).toEqual([
    'workflow.1.inputs.ckpt_name',
    'workflow.3.inputs.lora_1',
    'workflow.4.inputs.value',
  ])
  expect(faults(holder({ allowedModels: ['xl/*', 'ink.safetensors', 'hidden.*'] }))).toEqual([])
})

test('a pattern does not lead out of its folder', () => {
  const inputs = { ckpt_name: 'public/../private/x.safetensors' }
  const sly: Graph = { '1': { class_type: 'CheckpointLoaderSimple', inputs } }

  expect(() => requireAllowed(sly, [holder({ allowedModels: ['public/*'] })])).toThrow(
    /may not use the model/,
  )
})

test('what the space allows and what the user may hold both', () => {
  const space = holder({ allowedModels: ['*'] })
  const user = holder({ deniedNodes: ['PrimitiveString'] }, 'The user u')

  expect(faults(space, user)).toEqual(['workflow.4.class_type'])
})
