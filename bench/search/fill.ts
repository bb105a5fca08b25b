import type { Database } from '@easel/database'
import { CatalogueWriter } from '../../apps/catalog/src/models/catalogue-writer.ts'
import { SpellingRepository } from '../../apps/catalog/src/models/spelling.repository.ts'
import { syntheticModels } from './synthetic-models.ts'

const page = 500

/** Through the writer that keeps the answers of sources, so the rows are what a catalog has. */
export async function fill(database: Database, count: number): Promise<number> {
  const writer = new CatalogueWriter({ database, log: console })
  const began = performance.now()
  // Made at the end, as a restore makes them: a first sync of so many takes days anyway.
  await database.query('drop index models_words_idx')
  let batch = []
  for (const model of syntheticModels(count)) {
    batch.push(model)
    if (batch.length < page) continue
    await writer.keep(batch, 'listed')
    batch = []
  }
  await writer.keep(batch, 'listed')
  await database.query('create index models_words_idx on models using gin (words) with (fastupdate = off)')
  await new SpellingRepository(database).recount()
  await database.query('vacuum analyze')
  return (performance.now() - began) / 1_000
}
