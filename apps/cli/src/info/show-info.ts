import { open, type FileHandle } from 'node:fs/promises'
import type { Context } from '../commands/context.ts'
import type { InfoOptions } from './info-options.ts'
import { usageError } from '../exit-codes.ts'
import { showPicture } from './show-picture.ts'
import { showSafetensors } from './show-safetensors.ts'

/** By what is in the file, not by its name. */
export async function showInfo(context: Context, file: string, options: InfoOptions): Promise<void> {
  if (/^https?:\/\//i.test(file)) {
    if (options.hash) throw usageError('--hash needs all bytes of the file: it works on local files only')
    return showSafetensors(context, file, options)
  }
  await using handle = await open(file).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ENOENT' ? usageError(`There is no file ${file}`) : cause
  })
  if (!(await handle.stat()).isFile()) throw usageError(`${file} is no file`)
  const head = await headOf(handle)
  if (/^\s*[{[]/.test(head))
    throw usageError(`${file} is JSON: \`easel workflows inspect\` looks into workflows`)
  if (isMedia(head)) await showPicture(context, handle)
  else await showSafetensors(context, file, options)
}

async function headOf(handle: FileHandle): Promise<string> {
  const head = Buffer.alloc(12)
  const { bytesRead } = await handle.read(head, 0, head.length, 0)
  return head.toString('latin1', 0, bytesRead)
}

/** The first bytes of what ComfyUI makes; a safetensors file begins with the length of its header. */
function isMedia(head: string): boolean {
  return /^(\x89PNG|\xff\xd8\xff|RIFF....WEBP|....ftyp|\x1a\x45\xdf\xa3|fLaC|ID3|OggS|GIF8)/s.test(head)
}
