import { expect, test } from 'vitest'
import { readPngText, readWorkflowFile, readWorkflowText } from './read-workflow.ts'

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

function chunk(type: string, data: string): number[] {
  const bytes = [...new TextEncoder().encode(data)]
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, bytes.length)
  return [...length, ...new TextEncoder().encode(type), ...bytes, 0, 0, 0, 0]
}

const png = (...chunks: number[][]) => new Uint8Array([...signature, ...chunks.flat(), ...chunk('IEND', '')])

test('a picture that ComfyUI wrote gives its graph and its name', async () => {
  const bytes = png(chunk('tEXt', 'prompt\0{"1":{"class_type":"LoadImage"}}'))

  expect(await readWorkflowFile(new File([bytes], 'Sunset.PNG'))).toEqual({
    graph: { 1: { class_type: 'LoadImage' } },
    name: 'Sunset',
  })
})

test('another picture is told from one with a workflow', async () => {
  const file = new File([png(chunk('tEXt', 'Comment\0made by hand'))], 'x.png')

  await expect(readWorkflowFile(file)).rejects.toThrow('carries no workflow')
})

test('whole numbers of a workflow keep all their digits', () => {
  expect(readWorkflowText('{"seed":18446744073709551615}')).toEqual({ seed: 18446744073709551615n })
})

test.each([
  ['text', 'not JSON'],
  ['[1]', 'no workflow'],
  ['null', 'no workflow'],
])('%s is refused with words', (text, words) => {
  expect(() => readWorkflowText(text)).toThrow(words)
})

test('a chunk that claims to be longer than the file ends the reading', () => {
  const bytes = new Uint8Array([
    ...signature,
    0xff,
    0xff,
    0xff,
    0xff,
    ...new TextEncoder().encode('tEXtprompt\0{}'),
    0,
    0,
  ])

  expect(readPngText(bytes).size).toBe(0)
})

test('a picture with nothing but the page’s own document gives that, for the server to speak of', async () => {
  const bytes = png(chunk('tEXt', 'workflow\0{"nodes":[],"links":[]}'))

  expect((await readWorkflowFile(new File([bytes], 'x.png'))).graph).toEqual({ nodes: [], links: [] })
})

test('a picture that is no PNG is refused with words', async () => {
  const file = new File([new Uint8Array([1, 2, 3])], 'x.webp', { type: 'image/webp' })

  await expect(readWorkflowFile(file)).rejects.toThrow('only PNG files')
})
