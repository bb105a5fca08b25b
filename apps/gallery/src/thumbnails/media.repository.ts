import type { Sql } from '../sql.ts'

export type MediaRow = { blob: string; bytes: number; mime: string; state: string; tries: number }

export type Picture = { size: number; blob: string; bytes: number; width: number; height: number }

/** What was found by looking into the bytes. Null is "not known". */
export type MediaFacts = {
  mime: string | null
  width: number | null
  height: number | null
  durationSeconds: number | null
  hasAudio: boolean | null
}

export type Finding = { state: 'ready' | 'none' | 'failed'; facts: MediaFacts; pictures: readonly Picture[] }

export type StoredPicture = { blob: string; bytes: number; mime: string }

const columns = 'blob, bytes::float8 as bytes, mime, state, tries'

/** The row is a lease: who dies with it lets it come back when `due` is over. */
const claim = `
  update media set tries = tries + 1, due = now() + $1 * interval '1 millisecond'
  where blob = (
    select blob from media where state = 'pending' and due <= now() order by due limit 1 for update skip locked
  )
  returning ${columns}`

const finish = `
  update media set state = $2, mime = coalesce($3, mime), width = coalesce($4, width), height = coalesce($5, height),
    duration_seconds = coalesce($6, duration_seconds), has_audio = coalesce($7, has_audio)
  where blob = $1 and state = 'pending'`

/** Unused from the start: the rows of `thumbnail` come next, and without them somebody has to remove the blobs. */
const insertPictures = `
  insert into media (blob, bytes, mime, width, height, state, unused_since)
  select distinct on (blob) blob, bytes, 'image/webp', width, height, 'none', now()
  from jsonb_to_recordset($1::jsonb) as g(blob text, bytes bigint, width int, height int)
  order by blob
  on conflict (blob) do update set unused_since = now()`

const insertThumbnails = `
  insert into thumbnail (source, size, blob)
  select $2, size, blob from jsonb_to_recordset($1::jsonb) as g(size int, blob text)
  where exists (select from media where media.blob = $2)
  on conflict (source, size) do nothing`

/** Contents, from `pending` to `ready`, `none` or `failed`, and to their end. */
export class MediaRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  async claim(leaseMs: number): Promise<MediaRow | undefined> {
    const { rows } = await this.sql.query<MediaRow>(claim, [leaseMs], { name: 'media-claim' })
    return rows[0]
  }

  async find(blob: string): Promise<MediaRow | undefined> {
    const sql = `select ${columns} from media where blob = $1`
    const { rows } = await this.sql.query<MediaRow>(sql, [blob], { name: 'media-find' })
    return rows[0]
  }

  async findPicture(source: string, size: number): Promise<StoredPicture | undefined> {
    const { rows } = await this.sql.query<StoredPicture>(
      `select m.blob, m.bytes::float8 as bytes, m.mime from thumbnail t join media m on m.blob = t.blob
       where t.source = $1 and t.size = $2`,
      [source, size],
      { name: 'thumbnail-find' },
    )
    return rows[0]
  }

  /** False when another was faster, or when the content is gone. Inside a transaction. */
  async finish(blob: string, { state, facts, pictures }: Finding): Promise<boolean> {
    const { mime, width, height, durationSeconds, hasAudio } = facts
    const { rowCount } = await this.sql.query(
      finish,
      [blob, state, mime, width, height, durationSeconds, hasAudio],
      { name: 'media-finish' },
    )
    if (pictures.length > 0) {
      const given = JSON.stringify(pictures)
      await this.sql.query(insertPictures, [given], { name: 'pictures-insert' })
      await this.sql.query(insertThumbnails, [given, blob], { name: 'thumbnails-insert' })
      await this.sql.query(
        `update media set unused_since = null
         where blob = any($1) and exists (select from thumbnail t where t.blob = media.blob)`,
        [pictures.map((picture) => picture.blob)],
        { name: 'pictures-used' },
      )
    }
    return rowCount === 1
  }

  /** Comes back after that time; a failure of the store is not the content's. */
  async postpone(blob: string, waitMs: number): Promise<void> {
    await this.sql.query(
      `update media set due = now() + $2 * interval '1 millisecond' where blob = $1 and state = 'pending'`,
      [blob, waitMs],
    )
  }

  async pendingCount(): Promise<number> {
    const { rows } = await this.sql.query<{ count: number }>(
      `select count(*)::int as count from media where state = 'pending'`,
    )
    return rows[0]!.count
  }
}
