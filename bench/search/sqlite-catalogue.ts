import { DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import type { Question } from './questions.ts'
import { syntheticModels } from './synthetic-models.ts'

/*
 * The same models in SQLite, in tables as the command-line programs keep them: one row per model and version, looked
 * through with LIKE. Beside it what SQLite can do at its best: a full-text index, ranked by its own measure.
 */

const page = 24

export class SqliteCatalogue implements Disposable {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(path: string) {
    this.#database = new DatabaseSync(path)
  }

  fill(count: number): void {
    this.#database.exec(`
      pragma journal_mode = wal; pragma synchronous = off; pragma cache_size = -131072;
      create table models (id integer primary key, source_id text, name text, type text, base text, creator text,
        nsfw int, downloads int, likes int, description text);
      create table model_tags (model_id int, tag text);
      create virtual table models_fts using fts5(name, creator, tags, description, content='');
      begin`)
    const model = this.#database.prepare('insert into models values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    const tag = this.#database.prepare('insert into model_tags values (?, ?)')
    const text = this.#database.prepare(
      'insert into models_fts (rowid, name, creator, tags, description) values (?, ?, ?, ?, ?)',
    )
    let key = 0
    for (const each of syntheticModels(count)) {
      const { name, type, creator, tags, nsfwLevel, stats, description } = each
      key++
      const base = each.versions[0]?.baseModel ?? null
      const by = creator?.name ?? null
      model.run(key, each.id, name, type, base, by, nsfwLevel, stats.downloads, stats.likes, description)
      for (const one of tags) tag.run(key, one)
      text.run(key, name, by, tags.join(' '), description)
    }
    this.#database.exec(`
      commit;
      create index models_type on models (type);
      create index models_base on models (base);
      create index models_downloads on models (downloads desc);
      create index model_tags_tag on model_tags (tag, model_id);
      analyze`)
  }

  tidy(): void {
    this.#database.exec('pragma wal_checkpoint(truncate); analyze')
  }

  /** As tensors searches what it has: part of the name. */
  byLike(question: Question): number {
    const { text } = question
    return this.#ask(question, {
      where: text === undefined ? [] : ['m.name like ?'],
      values: text === undefined ? [] : [`%${text}%`],
      from: 'models m',
      order: 'm.downloads desc',
    })
  }

  /** With a full-text index, ranked by bm25. */
  byIndex(question: Question): number {
    const { text } = question
    if (text === undefined) return this.byLike(question)
    return this.#ask(question, {
      where: ['models_fts match ?'],
      values: [text],
      from: 'models_fts f join models m on m.id = f.rowid',
      order: 'rank',
    })
  }

  beginnings(text: string): number {
    return this.#all(
      'select m.name from models_fts f join models m on m.id = f.rowid where models_fts match ? order by m.downloads desc limit 10',
      [`name : ${text}*`],
    )
  }

  [Symbol.dispose](): void {
    this.#database.close()
  }

  #ask({ type, base, tag, facets }: Question, source: Source): number {
    const where = [...source.where, 'm.nsfw <= 1']
    const values = [...source.values]
    if (type) {
      where.push('m.type = ?')
      values.push(type[0]!)
    }
    if (base !== undefined) {
      where.push('m.base = ?')
      values.push(base)
    }
    if (tag !== undefined) {
      where.push('m.id in (select model_id from model_tags where tag = ?)')
      values.push(tag)
    }
    const condition = where.join(' and ')
    const found = this.#all(
      `select m.* from ${source.from} where ${condition} order by ${source.order} limit ${page}`,
      values,
    )
    if (facets) {
      this.#all(`select m.type, count(*) from ${source.from} where ${condition} group by m.type`, values)
      this.#all(`select m.base, count(*) from ${source.from} where ${condition} group by m.base`, values)
    }
    return found
  }

  #all(sql: string, values: readonly string[]): number {
    let statement = this.#statements.get(sql)
    if (!statement) this.#statements.set(sql, (statement = this.#database.prepare(sql)))
    return statement.all(...values).length
  }
}

type Source = {
  readonly where: readonly string[]
  readonly values: readonly string[]
  readonly from: string
  readonly order: string
}
