import { asDigits, isRawNumber, pythonJson } from '../json.ts'
import type { NodeContext, NodeResult, NodeTable } from '../node.ts'
import type { FolderKind, SavedFile } from '../output-files.ts'
import { encodePng, type Raster } from '../png.ts'
import { sizeOf, take, type Inputs } from '../values.ts'
import { toRgb } from './image-nodes.ts'

const letters = 'abcdefghijklmnopqrstupvxyz'
export const randomLetters = () =>
  Array.from({ length: 5 }, () => letters[Math.floor(Math.random() * letters.length)]).join('')

/** Writes a batch as PNG files; stays synchronous as long as all of them are small. */
function savePictures(
  frames: readonly Raster[],
  where: { kind: FolderKind; prefix: string },
  context: NodeContext,
) {
  const size = sizeOf(frames)
  const names = context.files.reserve(where.kind, where.prefix, { ...size, count: frames.length })
  const text = context.metadata()
  const waits: Promise<void>[] = []
  const images = frames.map((frame, index): SavedFile => {
    const file = names.file(index, '_.png')
    const bytes = encodePng(frame, text)
    const written =
      bytes instanceof Promise
        ? bytes.then((png) => context.files.write(file, png))
        : context.files.write(file, bytes)
    if (written instanceof Promise) waits.push(written)
    return file
  })
  return waits.length > 0 ? Promise.all(waits).then(() => images) : images
}

function saved(
  images: SavedFile[] | Promise<SavedFile[]>,
  rest: Omit<NodeResult, 'ui'> = {},
  extra = {},
): NodeResult | Promise<NodeResult> {
  const result = (files: SavedFile[]): NodeResult => ({ ...rest, ui: { images: files, ...extra } })
  return images instanceof Promise ? images.then(result) : result(images)
}

export const saveNodes: NodeTable = {
  SaveImage: {
    run(inputs, context) {
      const images = take(inputs, 'images', 'image')
      const where = { kind: 'output', prefix: String(inputs.filename_prefix) } as const
      return saved(savePictures(images.frames, where, context), { outputs: [images] })
    },
  },
  PreviewImage: {
    run(inputs, context) {
      const images = take(inputs, 'images', 'image')
      const where = { kind: 'temp', prefix: `ComfyUI_temp_${randomLetters()}` } as const
      return saved(savePictures(images.frames, where, context), { outputs: [images] })
    },
  },
  MaskPreview: {
    run(inputs, context) {
      const mask = take(inputs, 'mask', 'mask')
      const files = savePictures(
        mask.frames.map(toRgb),
        { kind: 'temp', prefix: `ComfyUI_temp_${randomLetters()}` },
        context,
      )
      return saved(files, { outputs: [mask] }, { animated: [false] })
    },
  },
  SaveImageWebsocket: {
    async run(inputs, context) {
      const { frames } = take(inputs, 'images', 'image')
      for (const [index, frame] of frames.entries()) {
        context.progress(index, frames.length, { format: 'image/png', bytes: await encodePng(frame) })
      }
      return {}
    },
    fingerprint: () => String(performance.now()),
  },
  PreviewAny: {
    run(inputs) {
      const { source } = inputs
      const text = describe(source)
      return { ui: { text: [text] }, outputs: [text] }
    },
  },
}

function describe(source: unknown): string {
  if (source === undefined || source === null) return 'None'
  if (typeof source === 'string') return source
  if (typeof source === 'number' || isRawNumber(source)) return asDigits(source)
  if (typeof source === 'boolean') return source ? 'True' : 'False'
  if (typeof source === 'object' && 'kind' in source) return `<${String(source.kind)}>`
  return pythonJson(source)
}

const echo = (inputs: Inputs) => ({ outputs: [inputs.value] })

export const primitiveNodes: NodeTable = {
  PrimitiveString: { run: echo },
  PrimitiveStringMultiline: { run: echo },
  PrimitiveInt: { run: echo },
  PrimitiveFloat: { run: echo },
  PrimitiveBoolean: { run: echo },
}
