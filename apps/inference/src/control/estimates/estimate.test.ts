import { needsOf } from '@easel/comfyui'
import { describe, expect, it } from 'vitest'
import { estimateOf } from './estimate.ts'
import { readSignature, writeSignature } from './learned-under.ts'
import { priorPerUnit } from './prior.ts'

const graph = (steps: number, model = 'sdxl.safetensors') => ({
  '1': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: model } },
  '2': { class_type: 'EmptyLatentImage', inputs: { width: 1024, height: 1024, batch_size: 1 } },
  '3': { class_type: 'KSampler', inputs: { steps, model: ['1', 0], latent_image: ['2', 0] } },
})
const underOf = (steps: number) => {
  const needs = needsOf(graph(steps))
  return { under: readSignature(writeSignature(needs), needs.models)!, models: needs.models }
}

describe('an estimate', () => {
  const { under, models } = underOf(20)

  it('is what runs of the same graph took', () => {
    const learned = new Map([
      [under.exact, { runs: 3, seconds: 7 }],
      [under.coarse, { runs: 9, seconds: 100 }],
    ])
    expect(estimateOf(under, models, learned)).toEqual({ seconds: 7, from: 'exact' })
  })

  it('grows with the work of a kind that is known', () => {
    const learned = new Map([[under.coarse, { runs: 1, seconds: 0.5 }]])
    expect(estimateOf(underOf(20).under, models, learned)).toEqual({ seconds: 10, from: 'coarse' })
    expect(estimateOf(underOf(40).under, models, learned)).toEqual({ seconds: 20, from: 'coarse' })
  })

  it('falls back to graphs with the same model', () => {
    const learned = new Map([['model:sdxl.safetensors', { runs: 1, seconds: 2 }]])
    expect(estimateOf(under, models, learned)).toEqual({ seconds: 40, from: 'model' })
  })

  it('is a guess by the name of the model before anything has run', () => {
    const guess = estimateOf(under, models, new Map())
    expect(guess.from).toBe('prior')
    expect(guess.seconds).toBeCloseTo(priorPerUnit(models) * 20)
  })

  it('stays within bounds whatever the graph says', () => {
    const huge = { ...under, units: Number.MAX_VALUE }
    expect(estimateOf(huge, models, new Map()).seconds).toBe(7 * 86_400)
    expect(estimateOf({ ...under, units: 1e-9 }, [], new Map()).seconds).toBeGreaterThan(0)
  })
})

describe('the signature kept with a job', () => {
  it.each([null, '', 'a', 'a b', 'a b c', 'a b -1', 'a b NaN'])('is not read from %s', (text) => {
    expect(readSignature(text, [])).toBeUndefined()
  })
})
