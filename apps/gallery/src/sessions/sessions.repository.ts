import type { Prisma, Session } from '../generated/prisma/client.ts'

export type SessionRow = Session
export type SessionSummary = { id: string; assetCount: number; newestAsset: string | null }

/** Prisma: sessions change at the pace of people. */
export class SessionsRepository {
  private readonly db: Prisma.TransactionClient

  constructor(db: Prisma.TransactionClient) {
    this.db = db
  }

  insert(data: Omit<Prisma.SessionUncheckedCreateInput, 'seq'>): Promise<SessionRow> {
    return this.db.session.create({ data })
  }

  find(id: string): Promise<SessionRow | null> {
    return this.db.session.findUnique({ where: { id } })
  }

  page(filter: { spaceIds: string[]; kind?: string }, before: bigint | undefined, limit: number) {
    const { spaceIds, kind } = filter
    return this.db.session.findMany({
      where: {
        spaceId: { in: spaceIds },
        ...(kind !== undefined && { kind }),
        ...(before !== undefined && { seq: { lt: before } }),
      },
      orderBy: { seq: 'desc' },
      take: limit,
    })
  }

  /** Changes nothing, and gives undefined, when the revision is another. */
  async edit(
    at: { id: string; revision: number },
    data: Pick<Prisma.SessionUncheckedUpdateInput, 'title' | 'titledBy' | 'draft'>,
  ): Promise<SessionRow | undefined> {
    const [row] = await this.db.session.updateManyAndReturn({
      where: at,
      data: { ...data, revision: { increment: 1 }, updatedAt: new Date() },
    })
    return row
  }

  async delete(id: string): Promise<void> {
    await this.db.session.deleteMany({ where: { id } })
  }

  async summaries(ids: readonly string[]): Promise<Map<string, SessionSummary>> {
    const rows = await this.db.$queryRaw<SessionSummary[]>`
      select s.id,
        (select count(*)::int from asset a where a.session_id = s.id) as "assetCount",
        (
          select a.id from asset a join media m on m.blob = a.blob
          where a.session_id = s.id and m.state in ('pending', 'ready') order by a.seq desc limit 1
        ) as "newestAsset"
      from unnest(${ids}::uuid[]) as s(id)`
    return new Map(rows.map((row) => [row.id, row]))
  }
}
