import { open, type FileHandle } from 'node:fs/promises'
import type { Context } from '../commands/context.ts'
import type { InfoOptions } from './info-options.ts'
import { usageError } from '../exit-codes.ts'
import { fetchRange } from './fetch-range.ts'
import { showModelFile } from './show-model-file.ts'
import { showPicture } from './show-picture.ts'

/** By what is in the file, not by its name. */
export async function showInfo(context: Context, file: string, options: InfoOptions): Promise<void> {
  if (/^https?:\/\//i.test(file)) {
    return showModelFile(context, file, { format: await formatAt(file), options })
  }
  const head = await headOf(file)
  if (/^\s*[{[]/.test(head))
    throw usageError(`${file} is JSON: \`easel workflows inspect\` looks into workflows`)
  if (isMedia(head)) {
    await using handle = await open(file)
    return await showPicture(context, handle)
  }
  return showModelFile(context, file, { format: head.startsWith('GGUF') ? 'gguf' : 'safetensors', options })
}

/** The name tells where it can: else the first bytes are asked for by themselves. */
async function formatAt(url: string): Promise<'gguf' | 'safetensors'> {
  const { pathname } = new URL(url)
  if (/\.(safetensors|sft)$/i.test(pathname)) return 'safetensors'
  if (/\.gguf$/i.test(pathname)) return 'gguf'
  const { bytes } = await fetchRange(url, { start: 0, end: 3 })
  return Buffer.from(bytes).toString('latin1') === 'GGUF' ? 'gguf' : 'safetensors'
}

async function headOf(file: string): Promise<string> {
  await using handle: FileHandle = await open(file).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ENOENT' ? usageError(`There is no file ${file}`) : cause
  })
  if (!(await handle.stat()).isFile()) throw usageError(`${file} is no file`)
  const head = Buffer.alloc(12)
  const { bytesRead } = await handle.read(head, 0, head.length, 0)
  return head.toString('latin1', 0, bytesRead)
}

/** The first bytes of what ComfyUI makes; a safetensors file begins with the length of its header. */
function isMedia(head: string): boolean {
  return /^(\x89PNG|\xff\xd8\xff|RIFF....WEBP|....ftyp|\x1a\x45\xdf\xa3|fLaC|ID3|OggS|GIF8)/s.test(head)
}
