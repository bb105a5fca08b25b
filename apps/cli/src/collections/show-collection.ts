import type { CollectionView } from '@easel/client'
import type { Context } from '../commands/context.ts'
import type { Column } from '../output/table.ts'
import { formatBytes, formatPercent } from '../output/units.ts'
import { findCollection } from './find-collection.ts'
import { writeLoraName } from './lora-name.ts'

type Entry = CollectionView['entries'][number]

const columns: readonly Column<Entry>[] = [
  { title: 'ENTRY', value: ({ id }) => id },
  { title: 'NAME', value: ({ name, title }) => name ?? title, flexible: true },
  { title: 'LORA', value: writeLoraName, optional: true },
  {
    title: 'STATE',
    value: ({ state, progress }) => (progress ? `${state} ${formatPercent(progress)}` : state),
  },
  { title: 'WEIGHT', value: ({ weight }) => weight, side: 'right' },
  {
    title: 'TRIGGER',
    value: ({ trigger, triggerWords }) => trigger ?? triggerWords.join(', '),
    flexible: true,
    optional: true,
  },
  { title: 'SIZE', value: ({ bytes }) => formatBytes(bytes), side: 'right', optional: true },
]

export async function showCollection(context: Context, name: string): Promise<void> {
  const { collections } = await context.api()
  tellCollection(context, await collections.get((await findCollection(collections, name)).id))
}

export function tellCollection({ out }: Context, collection: CollectionView): void {
  if (out.json) return out.printJson(collection)
  out.facts([
    ['id', collection.id],
    ['name', collection.name],
    ['description', collection.description],
    ['prompt', collection.prompt],
    ['tags', collection.tags.join(', ')],
  ])
  out.print()
  out.list({ items: collection.entries }, columns)
}
