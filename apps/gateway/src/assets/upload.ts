import { AppError } from '@easel/protocol'
import { cleanFileName } from './file-name.ts'
import type { MultipartFields } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import type { Readable } from 'node:stream'

export type Upload = {
  readonly source: AsyncIterable<Uint8Array>
  readonly filename: string
  readonly fields: Readonly<Record<string, string>>
}

/**
 * The file of a multipart body (with the fields that come before it) or the raw body. Nothing is read yet:
 * the bytes go straight into the blob store.
 */
export async function openUpload(request: FastifyRequest, maxBytes: number): Promise<Upload> {
  const declared = Number(request.headers['content-length'] ?? 0)
  if (declared > maxBytes + multipartOverhead) throw tooLarge(maxBytes)
  const query = plainFields(request.query as Record<string, unknown>)
  if (!request.isMultipart()) return openRaw(request, query)
  const part = await request.file()
  if (!part) {
    throw new AppError('invalid', 'file: is missing', {
      reason: 'INVALID_INPUT',
      faults: [{ path: 'file', message: 'is missing' }],
    })
  }
  return {
    source: part.file,
    filename: cleanFileName(query.filename ?? part.filename),
    fields: { ...query, ...partFields(part.fields) },
  }
}

const multipartOverhead = 64 * 1024

export function tooLarge(maxBytes: number): AppError {
  return new AppError('invalid', `A file may have ${maxBytes} bytes`, {
    reason: 'BODY_TOO_LARGE',
    details: { maxBytes },
  })
}

function openRaw(request: FastifyRequest, fields: Readonly<Record<string, string>>): Upload {
  if (!isStream(request.body)) {
    throw new AppError('invalid', 'Send a file: multipart/form-data, or its bytes with their own type', {
      reason: 'MEDIA_TYPE',
    })
  }
  return { source: request.body, filename: cleanFileName(fields.filename), fields }
}

function isStream(body: unknown): body is Readable {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body
}

function plainFields(query: Record<string, unknown>): Record<string, string> {
  const entries = Object.entries(query).map(([name, value]) => [name, [value].flat().join(',')])
  return Object.fromEntries(entries) as Record<string, string>
}

function partFields(fields: MultipartFields): Record<string, string> {
  const texts: [string, string][] = []
  for (const [name, field] of Object.entries(fields)) {
    const all = [field].flat().filter((each) => each?.type === 'field')
    if (all.length > 0)
      texts.push([name, all.map((each) => String(each?.type === 'field' ? each.value : '')).join(',')])
  }
  return Object.fromEntries(texts)
}

/** The fields of an upload as the gallery wants them. */
export function assetFields({ fields }: Upload): { sessionId?: string; tags?: string[]; spaceId?: string } {
  const { sessionId, tags, spaceId } = fields
  return {
    ...(sessionId && { sessionId }),
    ...(tags && {
      tags: tags
        .split(',')
        .map((tag) => tag.trim())
        .filter(Boolean),
    }),
    ...(spaceId && { spaceId }),
  }
}
