import { maxReadBytes } from '@easel/blobs'
import { AppError } from '@easel/protocol'
import { allowsRange, matchesTag, readRange } from './byte-range.ts'
import { cleanFileName, contentDisposition } from './file-name.ts'
import type { BlobStore } from '@easel/blobs'
import type { AssetContent } from '@easel/contracts'
import type { FastifyReply, FastifyRequest } from 'fastify'

export type Content = AssetContent & { readonly filename: string }

const redirectSeconds = 300

/** Answers with bytes of a blob: whole, a range, or "you have it". The blob's hash is its ETag. */
export async function sendContent(
  blobs: BlobStore,
  content: Content,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): Promise<void> {
  const { headers, method } = request
  const { blob, bytes } = content
  const tag = `"${blob}"`
  const download = (request.query as { download?: unknown }).download !== undefined
  setHeaders(reply, content, { tag, download })
  if (matchesTag(headers['if-none-match'], tag)) return void reply.code(304).send()

  const asked =
    method === 'GET' && allowsRange([headers['if-range']].flat().join(), tag) ? headers.range : undefined
  const range = readRange(asked, bytes)
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${bytes}`).removeHeader('etag')
    throw new AppError('invalid', `There are ${bytes} bytes`, { reason: 'RANGE_NOT_SATISFIABLE' })
  }
  const { start, end } = range ?? { start: 0, end: bytes - 1 }
  const length = bytes === 0 ? 0 : end - start + 1
  reply.header('content-length', String(length))
  if (range) reply.code(206).header('content-range', `bytes ${start}-${end}/${bytes}`)
  if (method === 'HEAD' || length === 0) return void reply.send('')
  // One read and one write: the fast way for what players and browsers ask for.
  if (length <= maxReadBytes) return void reply.send(await blobs.readBytes(blob, { start, end }))
  void reply.send(await blobs.read(blob, { start, end }))
}

/** Where the store hands out bytes by itself, for what is safe to show. */
export async function redirectOf(blobs: BlobStore, content: Content): Promise<string | undefined> {
  if (!isShown(content.mime)) return undefined
  return blobs.presignGet(content.blob, {
    expiresSeconds: redirectSeconds,
    contentType: content.mime,
  })
}

function setHeaders(
  reply: FastifyReply,
  content: Content,
  { tag, download }: { tag: string; download: boolean },
) {
  const inline = isShown(content.mime) && !download
  reply
    .header('etag', tag)
    .header('accept-ranges', 'bytes')
    .header('cache-control', 'private, max-age=31536000, immutable')
    .header('x-content-type-options', 'nosniff')
    // Should a browser take it for a page all the same, that page can do nothing.
    .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox")
    .header(
      'content-disposition',
      contentDisposition(inline ? 'inline' : 'attachment', cleanFileName(content.filename)),
    )
    .type(isMime(content.mime) ? content.mime : 'application/octet-stream')
}

/** Pictures, films and sound. An SVG is a document that can run scripts. */
export function isShown(mime: string): boolean {
  return /^(image|video|audio)\/[\w.+-]+$/.test(mime) && !/svg|xml/i.test(mime)
}

function isMime(mime: string): boolean {
  return /^[\w.+-]+\/[\w.+-]+(; ?charset=[\w-]+)?$/.test(mime)
}
