import { AppError } from '@easel/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Its ETag is the revision. */
export function tagged<T extends { revision: number }>(reply: FastifyReply, thing: T): T {
  reply.header('etag', `"${thing.revision}"`)
  return thing
}

/** Of what is to be changed: the id in the path, and the revision that `If-Match` names. */
export function idAndRevision(request: FastifyRequest): { id: string; revision: number } {
  const { id } = request.params as { id: string }
  const tag = request.headers['if-match']
  if (tag === undefined) {
    throw new AppError('invalid', 'Send the ETag of what you change as If-Match', {
      reason: 'PRECONDITION_REQUIRED',
    })
  }
  const [, revision] = /^"(\d{1,9})"$/.exec(tag.trim()) ?? []
  if (revision === undefined) {
    throw new AppError('conflict', 'It was changed in the meantime: read it again', { reason: 'STALE' })
  }
  return { id, revision: Number(revision) }
}
