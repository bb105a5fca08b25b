import { AppError } from '@easel/protocol'
import type { CollectionView } from '@easel/client'
import type { Context } from '../commands/context.ts'
import { findCollection } from './find-collection.ts'

export async function removeLoras(context: Context, name: string, loras: readonly string[]): Promise<void> {
  const { collections } = await context.api()
  const { id } = await findCollection(collections, name)
  if (loras.length === 0) {
    await collections.delete(id)
    if (context.out.json) context.out.printJson({ removed: [id] })
    return
  }
  const removed = idsOf(await collections.get(id), loras)
  for (const entryId of removed) await collections.remove(id, entryId)
  if (context.out.json) context.out.printJson({ removed })
}

/** All of them, or nothing is taken out. */
function idsOf({ entries }: CollectionView, names: readonly string[]): string[] {
  return names.map((name) => {
    const wanted = name.toLowerCase()
    const found = entries.find(
      ({ id, name: own, title }) => id === wanted || (own ?? title).toLowerCase() === wanted,
    )
    if (found) return found.id
    throw new AppError('not_found', `There is no ${name} in this collection`, { reason: 'ENTRY_NOT_FOUND' })
  })
}
