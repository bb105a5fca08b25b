import { readFile, stat } from 'node:fs/promises'
import { basename, join, normalize, resolve } from 'node:path'
import type { Reply, Request, Route } from './http-server.ts'
import { isFolderKind, isInside, type FolderKind, type OutputFolder } from './output-files.ts'

const types: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  bmp: 'image/bmp',
  mp4: 'video/mp4',
  webm: 'video/webm',
  mkv: 'video/x-matroska',
  mp3: 'audio/mpeg',
  flac: 'audio/flac',
  opus: 'audio/ogg',
  ogg: 'audio/ogg',
  wav: 'audio/wav',
  json: 'application/json',
  txt: 'text/plain',
}
export const contentType = (name: string): string =>
  types[name.slice(name.lastIndexOf('.') + 1).toLowerCase()] ?? 'application/octet-stream'

/** Header values are bytes: names beyond ASCII go out as UTF-8. */
const headerText = (text: string) => Buffer.from(text.replaceAll(/["\r\n]/g, '_')).toString('latin1')

/** Finds the file a `/view` asks for; a number is the status of the refusal. */
function locate(query: URLSearchParams, files: OutputFolder): string | number {
  const asked = query.get('filename')
  if (!asked) return 404
  const annotated = /^(.*) \[(input|output|temp)\]$/s.exec(asked)
  const name = annotated ? annotated[1]! : asked
  const kind = annotated ? annotated[2]! : (query.get('type') ?? 'output')
  if (name.startsWith('/') || name.includes('..') || name.includes('\0')) return 400
  if (!isFolderKind(kind)) return 400
  const folder = resolve(files.path(kind), query.get('subfolder') ?? '')
  if (!isInside(files.path(kind), folder) || folder.includes('\0')) return 403
  return join(folder, basename(normalize(name)))
}

function rangeOf(
  header: string | undefined,
  size: number,
): { start: number; stop: number } | 'bad' | undefined {
  const match = header && /^bytes=(\d*)-(\d*)$/.exec(header)
  if (!match || (match[1] === '' && match[2] === '')) return undefined
  const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1])
  const stop = match[1] === '' || match[2] === '' ? size : Math.min(size, Number(match[2]) + 1)
  return start >= size || stop <= start ? 'bad' : { start, stop }
}

async function view({ query, headers }: Request, files: OutputFolder): Promise<Reply> {
  const path = locate(query, files)
  if (typeof path === 'number') return { status: path }
  const info = await stat(path).catch(() => undefined)
  if (!info?.isFile()) return { status: 404 }
  const name = basename(path)
  const disposition = { 'Content-Disposition': `filename="${headerText(name)}"` }
  if (query.has('preview') || (query.has('channel') && query.get('channel') !== 'rgba')) {
    const { convertPicture } = await import('./picture-file.ts')
    const converted = await convertPicture(await readFile(path), {
      preview: query.get('preview'),
      channel: query.get('channel'),
    })
    return { bytes: converted.bytes, headers: { ...disposition, 'Content-Type': converted.type } }
  }
  const etag = `"${Math.round(info.mtimeMs * 1e6).toString(16)}-${info.size.toString(16)}"`
  const common = {
    'X-Content-Type-Options': 'nosniff',
    ...disposition,
    'Content-Type': contentType(name),
    Etag: etag,
    'Last-Modified': info.mtime.toUTCString(),
    'Accept-Ranges': 'bytes',
  }
  if (headers['if-none-match'] === etag) return { status: 304, headers: common }
  const range = rangeOf(headers.range, info.size)
  if (range === 'bad') return { status: 416, headers: { ...common, 'Content-Range': `bytes */${info.size}` } }
  const bytes = await readFile(path)
  if (!range) return { bytes, headers: common }
  const { start, stop } = range
  const part = { ...common, 'Content-Range': `bytes ${start}-${stop - 1}/${info.size}` }
  return { status: 206, bytes: bytes.subarray(start, stop), headers: part }
}

/** Reading results. */
export function fileRoutes(files: OutputFolder): Route[] {
  return [{ method: 'GET', path: '/view', handle: (request) => view(request, files) }]
}

export type { FolderKind }
