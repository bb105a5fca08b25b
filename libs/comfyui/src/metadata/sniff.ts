const mimes: Readonly<Record<string, string>> = {
  png: 'image/png',
  apng: 'image/apng',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  avif: 'image/avif',
  bmp: 'image/bmp',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  exr: 'image/x-exr',
  svg: 'image/svg+xml',
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  mkv: 'video/x-matroska',
  avi: 'video/x-msvideo',
  flac: 'audio/flac',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  ogg: 'audio/ogg',
  opus: 'audio/ogg',
  m4a: 'audio/mp4',
  aac: 'audio/aac',
  txt: 'text/plain',
  csv: 'text/csv',
  json: 'application/json',
  glb: 'model/gltf-binary',
  gltf: 'model/gltf+json',
  obj: 'model/obj',
  stl: 'model/stl',
}

/** MIME type by file extension; `application/octet-stream` when unknown. */
export function mimeOfName(filename: string): string {
  const extension = filename.slice(filename.lastIndexOf('.') + 1).toLowerCase()
  return (Object.hasOwn(mimes, extension) && mimes[extension]) || 'application/octet-stream'
}

/** MIME type by the first bytes (64 are enough for all but odd files). */
export function sniffMime(head: Uint8Array): string | undefined {
  const at = (offset: number, text: string) =>
    head.length >= offset + text.length &&
    [...text].every((char, i) => head[offset + i] === char.charCodeAt(0))
  if (at(0, '\x89PNG\r\n\x1a\n')) return 'image/png'
  if (at(0, '\xff\xd8\xff')) return 'image/jpeg'
  if (at(0, 'GIF87a') || at(0, 'GIF89a')) return 'image/gif'
  if (at(0, 'RIFF') && at(8, 'WEBP')) return 'image/webp'
  if (at(0, 'RIFF') && at(8, 'WAVE')) return 'audio/wav'
  if (at(0, 'RIFF') && at(8, 'AVI ')) return 'video/x-msvideo'
  if (at(4, 'ftyp')) return isoBrand(at)
  if (at(0, '\x1a\x45\xdf\xa3')) return matroska(head)
  if (at(0, 'fLaC')) return 'audio/flac'
  if (at(0, 'OggS')) return 'audio/ogg'
  if (at(0, 'ID3') || (head[0] === 0xff && ((head[1] ?? 0) & 0xe6) === 0xe2)) return 'audio/mpeg'
  if (at(0, 'BM') && head.length >= 26) return 'image/bmp'
  if (at(0, 'II*\0') || at(0, 'MM\0*')) return 'image/tiff'
  if (at(0, 'v/1\x01')) return 'image/x-exr'
  if (at(0, 'glTF')) return 'model/gltf-binary'
  return undefined
}

function isoBrand(at: (offset: number, text: string) => boolean): string {
  if (at(8, 'avif') || at(8, 'avis')) return 'image/avif'
  if (at(8, 'qt  ')) return 'video/quicktime'
  if (at(8, 'M4A ')) return 'audio/mp4'
  return 'video/mp4'
}

function matroska(head: Uint8Array): string {
  return Buffer.from(head.subarray(0, 64)).toString('latin1').includes('webm')
    ? 'video/webm'
    : 'video/x-matroska'
}
