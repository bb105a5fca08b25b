import { hash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import type { FileContext, NodeTable } from '../node.ts'
import { decodePicture } from '../picture-file.ts'
import type { Raster } from '../png.ts'
import { image, mask, PythonError, type Inputs } from '../values.ts'
import { channelOf, invert } from './image-nodes.ts'

/** What a picture without transparency gets as its mask. */
const noMask = (): Raster => ({ width: 64, height: 64, channels: 1, data: new Uint8Array(64 * 64) })

function pathOf(inputs: Inputs, { files }: FileContext): string {
  const path = files.locate(String(inputs.image))
  if (!path || !existsSync(path))
    throw new PythonError(
      'FileNotFoundError',
      `[Errno 2] No such file or directory: '${String(inputs.image)}'`,
    )
  return path
}

const uploaded = {
  validate: {
    names: ['image'],
    check(inputs: Inputs, { files }: FileContext) {
      const path = files.locate(String(inputs.image))
      return path && existsSync(path) && statSync(path).isFile()
        ? undefined
        : `Invalid image file: ${String(inputs.image)}`
    },
  },
  /** An upload under the same name must run again. */
  fingerprint(inputs: Inputs, { files }: FileContext) {
    const path = files.locate(String(inputs.image))
    return path && existsSync(path) && statSync(path).isFile()
      ? hash('sha256', readFileSync(path))
      : 'missing'
  },
}

export const loadNodes: NodeTable = {
  LoadImage: {
    ...uploaded,
    async run(inputs, context) {
      const { picture, alpha } = await decodePicture(pathOf(inputs, context))
      return { outputs: [image([picture]), mask([alpha ? invert(alpha) : noMask()])] }
    },
  },
  LoadImageMask: {
    ...uploaded,
    async run(inputs, context) {
      const { picture, alpha } = await decodePicture(pathOf(inputs, context))
      if (inputs.channel !== 'alpha') return { outputs: [mask([channelOf(picture, String(inputs.channel))])] }
      return { outputs: [mask([alpha ? invert(alpha) : noMask()])] }
    },
  },
}
