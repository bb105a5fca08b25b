import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startComfySim, type ComfySimOptions } from '../src/index.ts'
import { Replay } from './support/replay.ts'
import { readTranscript, transcriptNames } from './support/transcript.ts'

/** What the recorded server had, as far as it shows in the answers. */
const settingsFor = (name: string): ComfySimOptions => ({
  models: {
    checkpoints: name.startsWith('15')
      ? ['random-sd15-fp16.safetensors', 'tiny-random-sd15.safetensors']
      : [],
  },
  nodePacks: name.startsWith('16') ? ['testing'] : [],
  previewMethod: 'auto',
  stepMs: 15,
  modelLoadMs: 20,
  // A node that is busy without progress when the interrupt comes.
  nodeMs: name.startsWith('07') ? { ImageScale: 150 } : {},
})

/** The recording goes on from an earlier one that left these nodes in the cache. */
const primer = {
  1: { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 2138176 } },
  2: { class_type: 'PreviewImage', inputs: { images: ['1', 0] } },
  3: { class_type: 'EmptyImage', inputs: { width: 64, height: 48, batch_size: 1, color: 3368652 } },
  4: { class_type: 'PreviewImage', inputs: { images: ['3', 0] } },
}

test.for(transcriptNames())('the client side of %s gets the answers a ComfyUI 0.33.0 gave', async (name) => {
  await using sim = await startComfySim(settingsFor(name))
  const uploads = name.startsWith('12') ? ['broken.png', 'example.png'] : []
  for (const file of uploads) await writeFile(join(sim.baseDirectory, 'input', file), 'no picture')
  const replay = new Replay(sim)
  if (/^0[69]/.test(name)) await replay.prime(primer)

  const compared = await replay.play(readTranscript(name))

  expect(compared).toBeGreaterThan(10)
})
