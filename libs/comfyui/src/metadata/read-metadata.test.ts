import { describe, expect, test } from 'vitest'
import {
  aJpeg,
  aPng,
  compressedChunk,
  fileMadeByComfyUi,
  internationalChunk,
  textChunk,
} from '../../test/support/made-files.ts'
import { readMetadata } from './read-metadata.ts'

const names = [
  'image.png',
  'animation.png',
  'animation.webp',
  'video.mp4',
  'video.webm',
  'audio.flac',
  'audio.mp3',
  'audio.opus',
]
const prompt = { '1': { class_type: 'EmptyImage', inputs: { width: 64 } } }
const promptText = JSON.stringify(prompt)

test.each(names)('the graph and the UI document are found in %s of a real ComfyUI', async (name) => {
  const metadata = await readMetadata(fileMadeByComfyUi(name))

  expect(Object.keys(metadata.prompt!)).toHaveLength(11)
  expect(metadata.workflow).toMatchObject({ extra: { note: 'füß', seed: 18446744073709551615n } })
})

test.each([
  ['plain', textChunk],
  ['compressed', compressedChunk],
  ['international', internationalChunk],
])('a %s text chunk of a PNG is read', async (_name, chunk) => {
  expect(await readMetadata(aPng([chunk('prompt', promptText)]))).toEqual({ prompt })
})

test('in a JPEG the texts begin with what they are', async () => {
  const file = aJpeg([`Workflow:{"nodes":[]}`, `Prompt:${promptText}`])

  expect(await readMetadata(file)).toEqual({ prompt, workflow: { nodes: [] } })
})

test('NaN in an old file becomes null, and stays in texts', async () => {
  const text = '{"1":{"class_type":"X","inputs":{"a":"NaN \\" NaN"},"is_changed":[NaN,-Infinity]}}'

  const metadata = await readMetadata(aPng([textChunk('prompt', text)]))

  expect(metadata.prompt!['1']!.inputs.a).toBe('NaN " NaN')
})

test('what other programs write is given as text', async () => {
  const text = 'a lighthouse\nSteps: 20, Seed: 1'

  expect(await readMetadata(aPng([textChunk('parameters', text)]))).toEqual({ parameters: text })
})

describe('hostile files', () => {
  test.each(names)('%s cut anywhere is read without an error', async (name) => {
    const whole = fileMadeByComfyUi(name)
    for (let length = 0; length < whole.length; length += 7) {
      const metadata = await readMetadata(whole.subarray(0, length))
      expect(metadata).toBeTypeOf('object')
    }
  })

  test.each(names)('%s with bytes changed is read without an error', async (name) => {
    let state = 1
    const next = (below: number) => (state = (state * 48271) % 2147483647) % below
    for (let round = 0; round < 300; round++) {
      const broken = fileMadeByComfyUi(name)
      for (let i = 0; i < 8; i++) broken[next(Math.min(broken.length, 400))] = next(256)
      expect(await readMetadata(broken)).toBeTypeOf('object')
    }
  })

  test('a text that inflates to gigabytes is left out', async () => {
    const bomb = compressedChunk('prompt', Buffer.alloc(64 * 2 ** 20, 0x20))

    expect(await readMetadata(aPng([bomb]))).toEqual({})
  })

  test('a graph with prototype names or endless depth is left out', async () => {
    const polluted = '{"1":{"class_type":"X","inputs":{"__proto__":{"a":1}}}}'
    const deep = `{"1":{"class_type":"X","inputs":{"a":12345678901234567890,"b":${'['.repeat(50_000)}${']'.repeat(50_000)}}}}`

    expect(await readMetadata(aPng([textChunk('prompt', polluted)]))).toEqual({})
    expect(await readMetadata(aPng([textChunk('prompt', deep)]))).toEqual({})
  })

  test('a file that says nothing ends at once', async () => {
    expect(await readMetadata(new Uint8Array())).toEqual({})
    expect(await readMetadata(Buffer.from('hello'))).toEqual({})
  })
})
