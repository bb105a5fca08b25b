import type { ModelFolder } from '@easel/contracts'
import { AppError } from '@easel/protocol'

const endings = ['safetensors', 'sft', 'gguf', 'ckpt', 'pt', 'pth', 'bin', 'onnx']
/** What goes with a model rather than being one. */
const companions = ['json', 'yaml', 'yml', 'txt']
const companyFolders: readonly string[] = ['text_encoders', 'other'] satisfies ModelFolder[]

/** What else comes in a repository or a package of workflows; nothing that a program would run. */
const besides = ['model', 'md', 'jinja', 'csv', 'png', 'jpg', 'jpeg', 'webp', 'gif', 'mp4', 'zip', 'msgpack']

const mostBytes = 200
const mostParts = 12
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/**
 * A name that is safe on every file system, from whatever a server or a URL calls the file: its last segment,
 * without control and direction characters, without what Windows refuses, not hidden, at most 200 bytes.
 * `undefined` when nothing is left of it, or its ending is none of a model.
 */
export function safeFileName(text: string, folder: string): string | undefined {
  const name = plainName(text.split(/[/\\]/).at(-1)!)
  const dot = name.lastIndexOf('.')
  const ending = name.slice(dot + 1).toLowerCase()
  const known = endings.includes(ending) || (companyFolders.includes(folder) && companions.includes(ending))
  if (dot <= 0 || !known) return undefined
  return shorten(name.slice(0, dot), mostBytes - ending.length - 1) + name.slice(dot)
}

/** Without what file systems, shells or readers trip over. */
function plainName(segment: string): string {
  const plain = segment
    .normalize('NFC')
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\ufffd\\<>:"|?*]/gu, '')
    .replaceAll(/\s+/g, ' ')
    .replace(/^[.\s]+/, '')
    .replace(/[.\s]+$/, '')
  return reserved.test(plain) ? `_${plain}` : plain
}

/** A name that a person asks for is taken as it is or refused; it is never changed. */
export function requireFileName(text: string, folder: string): string {
  const name = safeFileName(text, folder)
  if (name === undefined || name !== text) {
    throw new AppError('invalid', 'This file name cannot be used', {
      reason: 'FILENAME_INVALID',
      faults: [
        {
          path: 'filename',
          message: `must be a plain name that ends in one of ${endings.join(', ')}, at most ${mostBytes} bytes long`,
        },
      ],
    })
  }
  return name
}

/**
 * Where a file that a source names goes: each part of folder and name is taken as it is or the file is refused, so
 * that nothing leads out of the models folder or into a hidden one. `undefined` for what is hidden itself, or of an
 * ending that is of no use here.
 */
export function requireFilePath(
  folder: string,
  filename: string,
): { folder: string; filename: string } | undefined {
  // What a repository hides (`.gitattributes`) is of no use here.
  if (/(^|\/)\.[^./][^/]*/.test(filename) && !filename.split('/').includes('..')) return undefined
  const parts = [...folder.split('/'), ...filename.split('/')]
  const fine = (part: string) =>
    part !== '' && plainName(part) === part && Buffer.byteLength(part) <= mostBytes
  if (parts.length > mostParts || !parts.every(fine)) {
    const path = JSON.stringify(`${folder}/${filename}`.slice(0, 300))
    throw new AppError('invalid', `A file of this name cannot be kept: ${path}`, {
      reason: 'FILENAME_INVALID',
    })
  }
  const name = parts.pop()!
  const dot = name.lastIndexOf('.')
  const ending = name.slice(dot + 1).toLowerCase()
  if (dot <= 0 || ![...endings, ...companions, ...besides].includes(ending)) return undefined
  return { folder: parts.join('/'), filename: name }
}

function shorten(text: string, bytes: number): string {
  let short = text
  while (Buffer.byteLength(short) > bytes) short = [...short].slice(0, -1).join('')
  return short
}
