import { expect, test } from 'vitest'
import { pictureGraph } from './support/graphs.ts'
import { startBench } from './support/worker-bench.ts'

test('a picture comes into the blob store as ComfyUI wrote it', async () => {
  await using bench = await startBench()
  await bench.readyWorker()

  const end = await bench.run(pictureGraph())

  expect(end).toMatchObject({
    result: 'succeeded',
    outputs: [{ index: 0, kind: 'image', mime: 'image/png', width: 64 }],
  })
})
