import type { GraphJson } from '@easel/contracts'

/** A plain picture. Another colour makes another picture. */
export function pictureGraph({ size = 64, color = 255, prefix = 'test/picture' } = {}): GraphJson {
  return {
    '1': {
      class_type: 'EmptyImage',
      inputs: { width: size, height: size, batch_size: 1, color },
    },
    '4': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: prefix } },
  }
}

/** Takes its time, with progress. */
export function slowGraph({ seconds = 30, color = 1 } = {}): GraphJson {
  return {
    '1': { class_type: 'EmptyImage', inputs: { width: 32, height: 32, batch_size: 1, color } },
    '2': { class_type: 'TestSleep', inputs: { value: ['1', 0], seconds } },
    '3': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'test/slow' } },
  }
}
