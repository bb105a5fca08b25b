import { expect, test } from 'vitest'
import { paint } from './painting.ts'

const subject = { seed: '7', text: 'a castle', model: 'sd15.safetensors', index: 0, width: 256, height: 256 }

test('the same seed and prompt give the same picture', () => {
  expect(paint(subject).data).toEqual(paint(subject).data)
})

test.each([{ seed: '8' }, { text: 'a house' }, { index: 1 }, { model: 'sdxl' }])(
  '%o gives another picture',
  (change) => {
    expect(paint({ ...subject, ...change }).data).not.toEqual(paint(subject).data)
  },
)

test('a picture has white letters on a dark band, however small it is', () => {
  for (const side of [8, 64, 1024]) {
    const { data, width } = paint({ ...subject, width: side, height: side })
    const last = data.subarray((side - 1) * width * 3)

    expect([...last.subarray(0, 3)]).toEqual([16, 16, 16])
  }
})
