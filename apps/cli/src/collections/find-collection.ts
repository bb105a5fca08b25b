import type { CollectionSummary, Easel } from '@easel/client'
import { AppError } from '@easel/protocol'
import { usageError } from '../exit-codes.ts'
import { uuid } from '../run/read-workflow.ts'

type Collections = Easel['collections']

/** By its id, or by its name in any case. */
export async function findCollection(api: Collections, name: string): Promise<CollectionSummary> {
  if (uuid.test(name)) return api.get(name)
  const found = await findByName(api, name)
  if (found) return found
  throw new AppError('not_found', `There is no collection ${name}`, { reason: 'COLLECTION_NOT_FOUND' })
}

export async function findByName(api: Collections, name: string): Promise<CollectionSummary | undefined> {
  const { items } = await api.list({ q: name, limit: 200 })
  const found = items.filter((item) => item.name.toLowerCase() === name.toLowerCase())
  if (found.length > 1) throw usageError(`Several spaces have a collection ${name}: say which by its id`)
  return found[0]
}
