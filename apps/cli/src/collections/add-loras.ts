import type { Context } from '../commands/context.ts'
import { usageError } from '../exit-codes.ts'
import { entryOf, type EntryOptions } from './entry-of.ts'
import { findByName, findCollection } from './find-collection.ts'
import { tellCollection } from './show-collection.ts'

type AddOptions = EntryOptions & { loras: readonly string[]; create?: boolean }

export async function addLoras(
  context: Context,
  name: string,
  { loras, create = false, ...words }: AddOptions,
): Promise<void> {
  const isNamed = words.name !== undefined || words.trigger !== undefined
  if (isNamed && loras.length > 1)
    throw usageError('--name and --trigger are of one LoRA: add them one by one')
  const entries = loras.map((lora) => entryOf(lora, words))
  const { collections } = await context.api()
  const known = create ? await findByName(collections, name) : await findCollection(collections, name)
  tellCollection(
    context,
    known ? await collections.add(known.id, entries) : await collections.create({ name, entries }),
  )
}
