import type { Database } from '@easel/database'
import type { Logger } from '@easel/observability'
import { AppError } from '@easel/protocol'
import type { SourceModel } from '../sources/source-model.ts'
import { CatalogueRepository } from './catalogue.repository.ts'
import type { Written } from './catalogue.repository.ts'
import { modelRows } from './model-rows.ts'
import type { Completeness, ModelRows } from './model-rows.ts'

/** Keeps what sources tell. A page is one transaction; an odd model is left out of it, with a word in the log. */
export class CatalogueWriter {
  private readonly parts: { database: Database; log: Pick<Logger, 'warn'> }

  constructor(parts: { database: Database; log: Pick<Logger, 'warn'> }) {
    this.parts = parts
  }

  async keep(models: readonly SourceModel[], completeness: Completeness): Promise<Written> {
    const rows = models.flatMap((model) => this.rowsOf(model))
    if (rows.length === 0) return { keys: [], added: 0 }
    try {
      return await this.write(rows, completeness)
    } catch (cause) {
      // The database is away: no model is odd for that.
      if (cause instanceof AppError) throw cause
      this.parts.log.warn({ err: cause, models: rows.length }, 'A page of models is kept one by one')
    }
    const kept: Written[] = []
    for (const each of rows) {
      try {
        kept.push(await this.write([each], completeness))
      } catch (cause) {
        if (cause instanceof AppError) throw cause
        this.leftOut(each.model, cause)
      }
    }
    return {
      keys: kept.flatMap(({ keys }) => keys),
      added: kept.reduce((sum, { added }) => sum + added, 0),
    }
  }

  private write(rows: readonly ModelRows[], completeness: Completeness): Promise<Written> {
    return this.parts.database.transact((tx) => new CatalogueRepository(tx).write(rows, completeness))
  }

  private rowsOf(model: SourceModel): ModelRows[] {
    try {
      return [modelRows(model)]
    } catch (cause) {
      this.leftOut(model, cause)
      return []
    }
  }

  private leftOut({ source, id }: { source: string; id: string }, cause: unknown): void {
    this.parts.log.warn({ err: cause, source, modelId: String(id).slice(0, 200) }, 'A model is left out')
  }
}
