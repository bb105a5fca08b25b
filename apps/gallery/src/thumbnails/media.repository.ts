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

export type Finding = {
  blob: string
  state: 'ready' | 'none' | 'failed'
  facts: MediaFacts
  pictures: readonly Picture[]
}

export type StoredPicture = { blob: string; bytes: number; mime: string }

const columns = 'blob, bytes::float8 as bytes, mime, state, tries'

/** The row is a lease: who dies with it lets it come back when `due` is over. */
const claim = `
  update media set tries = tries + 1, due = now() + $1 * interval '1 millisecond'
  where blob = any(array(
    select blob from media where state = 'pending' and due <= now() order by due limit $2 for update skip locked
  ))
  returning ${columns}`

/** Locked in one order, so that two who write several never wait for each other. */
const finish = `
  with given as (
    select * from jsonb_to_recordset($1::jsonb) as g(blob text, state text, mime text, width int, height int,
      "durationSeconds" float8, "hasAudio" boolean)
  ), locked as (
    select m.blob from media m join given using (blob) order by m.blob for update of m
  )
  update media m set state = g.state, mime = coalesce(g.mime, m.mime), width = coalesce(g.width, m.width),
    height = coalesce(g.height, m.height), duration_seconds = coalesce(g."durationSeconds", m.duration_seconds),
    has_audio = coalesce(g."hasAudio", m.has_audio)
  from given g join locked using (blob)
  where m.blob = g.blob and m.state = 'pending'
  returning m.blob`

/** Unused from the start: the rows of `thumbnail` come next, and without them somebody has to remove the blobs. */
const insertPictures = `
  insert into media (blob, bytes, mime, width, height, state, unused_since)
  select distinct on (blob) blob, bytes, 'image/webp', width, height, 'none', now()
  from jsonb_to_recordset($1::jsonb) as g(blob text, bytes bigint, width int, height int)
  order by blob
  on conflict (blob) do update set unused_since = now()`

const insertThumbnails = `
  insert into thumbnail (source, size, blob)
  select source, size, blob from jsonb_to_recordset($1::jsonb) as g(source text, size int, blob text)
  where exists (select from media where media.blob = g.source)
  on conflict (source, size) do nothing`

/** Contents, from `pending` to `ready`, `none` or `failed`, and to their end. */
export class MediaRepository {
  private readonly sql: Sql

  constructor(sql: Sql) {
    this.sql = sql
  }

  async claim(leaseMs: number, limit: number): Promise<MediaRow[]> {
    const { rows } = await this.sql.query<MediaRow>(claim, [leaseMs, limit], { name: 'media-claim' })
    return rows
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

  /** Gives the contents that nobody else had finished, and that are not gone. Inside a transaction. */
  async finish(findings: readonly Finding[]): Promise<string[]> {
    const states = findings.map(({ blob, state, facts }) => ({ ...facts, blob, state }))
    const { rows } = await this.sql.query<{ blob: string }>(finish, [JSON.stringify(states)], {
      name: 'media-finish',
    })
    await this.addPictures(
      findings.flatMap(({ blob, pictures }) => pictures.map((picture) => ({ ...picture, source: blob }))),
    )
    return rows.map(({ blob }) => blob)
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

  private async addPictures(pictures: readonly (Picture & { source: string })[]): Promise<void> {
    if (pictures.length === 0) return
    const given = JSON.stringify(pictures)
    await this.sql.query(insertPictures, [given], { name: 'pictures-insert' })
    await this.sql.query(insertThumbnails, [given], { name: 'thumbnails-insert' })
    await this.sql.query(
      `update media set unused_since = null
       where blob = any($1) and exists (select from thumbnail t where t.blob = media.blob)`,
      [pictures.map((picture) => picture.blob)],
      { name: 'pictures-used' },
    )
  }
}
