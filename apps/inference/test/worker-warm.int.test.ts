import { waitFor } from '@easel/testing'
import { expect, test } from 'vitest'
import { pictureGraph, samplerGraph } from './support/graphs.ts'
import { startBench } from './support/worker-bench.ts'

test('a worker tells which models it holds, and what loading them took', async () => {
  await using bench = await startBench({ stepMs: 1, modelLoadMs: 120 })
  await bench.readyWorker({ costMicrosPerHour: 3_600_000_000 })

  const cold = await bench.run(samplerGraph({ seed: 1 }))
  const warm = await bench.run(samplerGraph({ seed: 2 }))
  const again = await bench.run(samplerGraph({ seed: 2 }))
  const plain = await bench.run(pictureGraph())
  await waitFor(() => bench.beats.at(-1)?.warm?.length)

  expect(cold).toMatchObject({ warm: false, cached: false, loads: [{ model: 'sd15.safetensors' }] })
  expect(cold.loads?.[0]?.ms).toBeGreaterThan(90)
  expect(cold.usage.costMicros).toBeCloseTo(cold.usage.gpuSeconds * 1_000_000, -2)
  expect(warm).toMatchObject({ warm: true, loads: [], cached: false })
  expect(again).toMatchObject({ warm: true, cached: true })
  expect(plain.warm).toBeNull()
  const beat = bench.beats.at(-1)
  expect(beat).toMatchObject({ warm: ['sd15.safetensors'], costMicrosPerHour: 3_600_000_000 })
  expect(beat?.environment).toMatch(/^[0-9a-f]{64}$/)
})

test('models are forgotten when memory was freed, and when ComfyUI was started anew', async () => {
  await using bench = await startBench({
    stepMs: 1,
    modelLoadMs: 10,
    failures: [
      { kind: 'oom', prompt: 2 },
      { kind: 'crash', prompt: 4, restartAfterMs: 50 },
    ],
  })
  await bench.readyWorker()
  const isWarm = () => (bench.beats.at(-1)?.warm ?? []).length > 0

  await bench.run(samplerGraph({ seed: 1 }))
  await waitFor(isWarm, { describe: 'the worker to be warm' })
  const short = await bench.run(samplerGraph({ seed: 2 }))
  await waitFor(() => !isWarm(), { describe: 'what was freed to be forgotten' })
  await bench.run(samplerGraph({ seed: 3 }))
  await waitFor(isWarm, { describe: 'the worker to be warm again' })
  await bench.run(samplerGraph({ seed: 4 }))
  await waitFor(() => !isWarm(), { describe: 'another ComfyUI to be cold' })

  expect(short).toMatchObject({ result: 'failed', error: { code: 'OUT_OF_MEMORY' } })
})
