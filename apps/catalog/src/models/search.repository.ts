import type { Database } from '@easel/database'
import {
  facetStatement,
  pageStatement,
  rankedStatement,
  sampleShare,
  suggestStatement,
  tailStatement,
} from './search-statement.ts'
import type {
  Edges,
  PageWish,
  Place,
  RankedWish,
  SearchFilter,
  SuggestWish,
  TailWish,
} from './search-statement.ts'

export type PlacedRow = { key: string; value: string }
export type RankedRow = { key: string; score: string }
export type FacetRow = { value: string; count: number; of: 'type' | 'family' | 'source' }

/** More are not counted one by one. */
const mostCounted = 3_000

export class SearchRepository {
  private readonly database: Database

  constructor(database: Database) {
    this.database = database
  }

  async page(wish: PageWish): Promise<PlacedRow[]> {
    const { sql, values } = pageStatement(wish)
    return (await this.database.query<PlacedRow>(sql, values)).rows
  }

  async ranked(wish: RankedWish): Promise<{ rows: RankedRow[]; edges: Edges }> {
    const { sql, values } = rankedStatement(wish)
    type Row = RankedRow & { all_edge: Place | null; names_edge: Place | null }
    const { rows } = await this.database.query<Row>(sql, values)
    return { rows, edges: { all: rows[0]?.all_edge ?? null, names: rows[0]?.names_edge ?? null } }
  }

  async tail(wish: TailWish): Promise<PlacedRow[]> {
    const { sql, values } = tailStatement(wish)
    return (await this.database.query<PlacedRow>(sql, values)).rows
  }

  /** `exact` says that all were counted and not a sample. */
  async facets(filter: SearchFilter): Promise<{ rows: FacetRow[]; exact: boolean }> {
    const sample = await this.count(filter, 'sample')
    const total = sample.reduce((sum, { of, count }) => sum + (of === 'type' ? count : 0), 0)
    if (total * sampleShare < mostCounted) return { exact: true, rows: await this.count(filter, 'all') }
    return { exact: false, rows: sample.map((row) => ({ ...row, count: row.count * sampleShare })) }
  }

  private async count(filter: SearchFilter, of: 'all' | 'sample'): Promise<FacetRow[]> {
    const { sql, values } = facetStatement(filter, of)
    type Row = { type: string; family: string | null; source: string; count: number; kind: number }
    const { rows } = await this.database.query<Row>(sql, values)
    return rows.flatMap(({ type, family, source, count, kind }): FacetRow[] => {
      // Bits of `grouping`: 1 where the column is not of the group.
      if (kind === 3) return [{ of: 'type', value: type, count }]
      if (kind === 5) return family === null ? [] : [{ of: 'family', value: family, count }]
      return [{ of: 'source', value: source, count }]
    })
  }

  async suggest(wish: SuggestWish): Promise<string[]> {
    const { sql, values } = suggestStatement(wish)
    const { rows } = await this.database.query<{ name: string }>(sql, values)
    return rows.map(({ name }) => name)
  }
}
