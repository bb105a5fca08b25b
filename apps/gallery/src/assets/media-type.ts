import { sniffMime } from '@easel/comfyui'
import type { OutputKind } from '@easel/contracts'

const unknownMime = 'application/octet-stream'

/**
 * Types that a browser may be told: none of them can run a script. What else a worker or a file claims is
 * `application/octet-stream`, SVG and HTML first of all.
 */
const harmless = new Set([
  'image/png',
  'image/jpeg',
  'image/webp',
  'image/gif',
  'image/avif',
  'image/bmp',
  'image/tiff',
  'image/x-exr',
  'video/mp4',
  'video/webm',
  'video/quicktime',
  'video/x-matroska',
  'video/x-msvideo',
  'audio/wav',
  'audio/flac',
  'audio/mpeg',
  'audio/ogg',
  'audio/mp4',
  'text/plain',
  'application/json',
  'model/gltf-binary',
])

/** A claimed type, as far as it is believed. */
export function harmlessMime(claimed: string): string {
  const plain = claimed.split(';', 1)[0]!.trim().toLowerCase()
  const mime = plain === 'image/apng' ? 'image/png' : plain
  return harmless.has(mime) ? mime : unknownMime
}

export type MediaType = { mime: string; kind: OutputKind }

/** What a file is, by its first bytes; the name counts only among kinds of text. */
export function mediaTypeOf(head: Uint8Array, filename: string): MediaType {
  const sniffed = sniffMime(head)
  if (sniffed !== undefined) {
    const mime = harmlessMime(sniffed)
    return { mime, kind: kindOf(mime, head) }
  }
  if (!isPlainText(head)) return { mime: unknownMime, kind: 'other' }
  return { mime: /\.json$/i.test(filename) ? 'application/json' : 'text/plain', kind: 'text' }
}

function kindOf(mime: string, head: Uint8Array): OutputKind {
  if (mime.startsWith('image/')) return isAnimated(mime, head) ? 'animation' : 'image'
  if (mime.startsWith('video/')) return 'video'
  if (mime.startsWith('audio/')) return 'audio'
  return mime.startsWith('model/') ? 'model3d' : 'other'
}

function isAnimated(mime: string, head: Uint8Array): boolean {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1')
  // A second frame, or the wish to repeat, which stands before the first.
  if (mime === 'image/gif') return text.includes('NETSCAPE2.0') || text.split('\x21\xf9\x04').length > 2
  if (mime === 'image/webp') return text.startsWith('VP8X', 12) && (head[20]! & 0x02) !== 0
  return (
    mime === 'image/png' && text.indexOf('acTL') > 0 && !text.slice(0, text.indexOf('acTL')).includes('IDAT')
  )
}

/** UTF-8 without control characters, and with nothing that a browser might take for markup. */
function isPlainText(head: Uint8Array): boolean {
  const text = new TextDecoder('utf-8', { fatal: false }).decode(head, { stream: true })
  if (text === '' || text.includes('\uFFFD') || /[\0-\x08\x0e-\x1f]/.test(text)) return false
  return !/^\s*<|<(!doctype|html|svg|script|body|head|iframe|\?xml)/i.test(text)
}
