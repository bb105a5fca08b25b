import { AppError, canRead, newId, notFound, requireWrite, stringifyJson } from '@easel/protocol'
import type { CreateSession, ListSessions, SessionPage, SessionView, UpdateSession } from '@easel/contracts'
import type { Actor } from '@easel/protocol'
import { storable } from '../assets/asset-row.ts'
import { decodeCursor, encodeCursor } from '../assets/cursor.ts'
import { isUuid, readableSpaces } from '../assets/reach.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { SessionsRepository } from './sessions.repository.ts'
import { toSessionView } from './session-view.ts'
import type { SessionRow } from './sessions.repository.ts'

const defaultLimit = 50
const maxDraft = 256 * 1024
const untitled = 'New session'

/** What the pages keep between visits, and what was made there. */
export class SessionsService {
  private readonly sessions: SessionsRepository

  constructor(prisma: PrismaClient) {
    this.sessions = new SessionsRepository(prisma)
  }

  async create(input: CreateSession, actor: Actor): Promise<SessionView> {
    const spaceId = input.spaceId ?? actor.personalSpaceId
    requireWrite(actor, spaceId)
    const title = titleOf(input.title)
    const row = await this.sessions.insert({
      id: newId(),
      spaceId,
      createdBy: actor.userId,
      kind: input.kind ?? 'image',
      title: title ?? untitled,
      titledBy: title === undefined ? 'nobody' : 'hand',
      draft: draftOf(input.draft) ?? null,
    })
    return toSessionView(row, undefined)
  }

  async list(
    { limit = defaultLimit, cursor, spaceId, kind }: ListSessions,
    actor: Actor,
  ): Promise<SessionPage> {
    const before = cursor === undefined ? undefined : BigInt(decodeCursor(cursor, 1)[0]!)
    const spaceIds = readableSpaces(actor, spaceId)
    const rows = await this.sessions.page({ spaceIds, ...(kind && { kind }) }, before, limit + 1)
    const items = rows.slice(0, limit)
    const summaries = await this.sessions.summaries(items.map(({ id }) => id))
    const last = rows.length > limit ? items.at(-1) : undefined
    return {
      items: items.map((row) => toSessionView(row, summaries.get(row.id))),
      nextCursor: last ? encodeCursor([String(last.seq)]) : null,
    }
  }

  async get(id: string, actor: Actor): Promise<SessionView> {
    return this.view(await this.require(id, actor))
  }

  async update(input: UpdateSession, actor: Actor): Promise<SessionView> {
    const row = await this.require(input.id, actor)
    requireWrite(actor, row.spaceId)
    const title = titleOf(input.title)
    const draft = draftOf(input.draft)
    const changed = await this.sessions.edit(
      { id: row.id, revision: input.revision },
      {
        // The title as it is comes along with many a draft: only another one was given by hand.
        ...(title !== undefined && title !== row.title && { title, titledBy: 'hand' }),
        ...(draft !== undefined && { draft }),
      },
    )
    if (changed) return this.view(changed)
    const now = await this.require(input.id, actor)
    throw new AppError('conflict', 'The session was changed in the meantime', {
      reason: 'STALE',
      details: { revision: now.revision },
    })
  }

  /** What was made in it stays. */
  async delete(id: string, actor: Actor): Promise<void> {
    const row = await this.require(id, actor)
    requireWrite(actor, row.spaceId)
    await this.sessions.delete(row.id)
  }

  private async view(row: SessionRow): Promise<SessionView> {
    return toSessionView(row, (await this.sessions.summaries([row.id])).get(row.id))
  }

  private async require(id: string, actor: Actor): Promise<SessionRow> {
    const row = isUuid(id) ? await this.sessions.find(id) : null
    if (!row || !canRead(actor, row.spaceId)) throw notFound('session', 'SESSION_NOT_FOUND')
    return row
  }
}

function titleOf(title: string | undefined): string | undefined {
  return title === undefined ? undefined : storable(title).trim() || undefined
}

function draftOf(draft: object | undefined): string | undefined {
  if (draft === undefined) return undefined
  const text = stringifyJson(draft)
  if (Buffer.byteLength(text) > maxDraft) {
    throw new AppError('invalid', `A draft may have ${maxDraft / 1024} KiB`, {
      reason: 'DRAFT_TOO_LARGE',
      faults: [{ path: 'draft', message: `must be at most ${maxDraft} bytes of JSON` }],
    })
  }
  return text
}
