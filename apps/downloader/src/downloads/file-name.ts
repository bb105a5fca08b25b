import type { ModelFolder } from '@easel/contracts'
import { AppError } from '@easel/protocol'

const endings = ['safetensors', 'sft', 'gguf', 'ckpt', 'pt', 'pth', 'bin', 'onnx']
/** What goes with a model rather than being one. */
const companions = ['json', 'yaml', 'yml', 'txt']
const companyFolders: readonly string[] = ['text_encoders', 'other'] satisfies ModelFolder[]

const mostBytes = 200
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/**
 * A name that is safe on every file system, from whatever a server or a URL calls the file: its last segment,
 * without control and direction characters, without what Windows refuses, not hidden, at most 200 bytes.
 * `undefined` when nothing is left of it, or its ending is none of a model.
 */
export function safeFileName(text: string, folder: string): string | undefined {
  const segment = text.normalize('NFC').toWellFormed().split(/[/\\]/).at(-1)!
  const plain = segment
    .replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\ufffd<>:"|?*]/gu, '')
    .replaceAll(/\s+/g, ' ')
    .replace(/^[.\s]+/, '')
    .replace(/[.\s]+$/, '')
  const name = reserved.test(plain) ? `_${plain}` : plain
  const dot = name.lastIndexOf('.')
  const ending = name.slice(dot + 1).toLowerCase()
  const known = endings.includes(ending) || (companyFolders.includes(folder) && companions.includes(ending))
  if (dot <= 0 || !known) return undefined
  return shorten(name.slice(0, dot), mostBytes - ending.length - 1) + name.slice(dot)
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

function shorten(text: string, bytes: number): string {
  let short = text
  while (Buffer.byteLength(short) > bytes) short = [...short].slice(0, -1).join('')
  return short
}
