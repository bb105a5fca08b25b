import type { Database } from '@easel/database'
import { slipsOf } from './spelling.ts'
import type { Candidate } from './spelling.ts'

export class SpellingRepository {
  #trigrams: Promise<boolean> | undefined

  private readonly database: Database

  constructor(database: Database) {
    this.database = database
  }

  /** In how many models the words are, for those that are in any. */
  async usesOf(words: readonly string[]): Promise<Map<string, number>> {
    const { rows } = await this.database.query<Candidate>(
      'select word, uses from model_words where word = any($1::text[])',
      [words],
      { name: 'spelling-uses' },
    )
    return new Map(rows.map(({ word, uses }) => [word, uses]))
  }

  async listNear(word: string): Promise<Candidate[]> {
    const { rows } = await this.database.query<Candidate>(
      'select word, uses from model_words where word = any($1::text[])',
      [slipsOf(word)],
      { name: 'spelling-slips' },
    )
    // What is one slip away was meant; likeness takes ten times as long.
    if (rows.length > 0 || !(await this.hasTrigrams())) return rows
    const alike = await this.database.query<Candidate>(
      `select word, uses from model_words
       where word % $1 and length(word) between length($1) - 3 and length($1) + 3
       order by similarity(word, $1) desc limit 30`,
      [word],
      { name: 'spelling-alike' },
    )
    return alike.rows
  }

  /** Counts anew in how many models each word is, and forgets those that are in none. */
  async recount(): Promise<void> {
    await this.database.transact(async (tx) => {
      await tx.query("set local statement_timeout = '5min'")
      await tx.query(
        `with counted as (
           select word, ndoc from ts_stat('select name_words from ' || quote_ident(current_schema()) || '.models')
           where length(word) >= 3 and word !~ '^[0-9]+$'),
         gone as (delete from model_words w where not exists (select from counted c where c.word = w.word))
         update model_words w set uses = c.ndoc from counted c where c.word = w.word and w.uses <> c.ndoc`,
      )
    })
  }

  private async hasTrigrams(): Promise<boolean> {
    this.#trigrams ??= this.database
      .query<{ there: boolean }>("select to_regproc('similarity') is not null as there")
      .then(({ rows }) => rows[0]?.there ?? false)
    try {
      return await this.#trigrams
    } catch (cause) {
      this.#trigrams = undefined
      throw cause
    }
  }
}
