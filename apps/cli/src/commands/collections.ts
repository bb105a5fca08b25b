import type { CollectionSummary } from '@easel/client'
import type { Column } from '../output/table.ts'
import { formatAge } from '../output/units.ts'
import type { EntryOptions } from '../collections/entry-of.ts'
import { numberWithin } from '../run/values.ts'
import type { Program } from './context.ts'
import { pageOptions, type PageOptions } from './page-options.ts'

const columns: readonly Column<CollectionSummary>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'NAME', value: ({ name }) => name, flexible: true },
  { title: 'LORAS', value: ({ entryCount }) => entryCount, side: 'right' },
  { title: 'TAGS', value: ({ tags }) => tags.join(', '), flexible: true, optional: true },
  { title: 'CHANGED', value: ({ updatedAt }) => formatAge(updatedAt), optional: true },
]

type AddOptions = EntryOptions & { create?: true }
type Filters = PageOptions & { query?: string; tag?: string }

export function addCollections({ root, act }: Program): void {
  const collections = root
    .command('collections')
    .summary('LoRAs that are used together, with triggers, weights and prompts')
    .description(
      'LoRAs that the people of a space use together. A collection is named by its id or its name.',
    )
    .addHelpText('after', examples)

  pageOptions(collections.command('list', { isDefault: true }).description('List them.'))
    .option('--query <text>', 'part of the name')
    .option('--tag <tag>')
    .action(
      act(async (context, { query: q, ...same }: Filters) => {
        const { collections: api } = await context.api()
        context.out.list(await api.list({ ...same, q }), columns)
      }),
    )
  collections
    .command('show')
    .description('Show a collection with its LoRAs.')
    .argument('<collection>')
    .action(
      act(async (context, name: string) => {
        const { showCollection } = await import('../collections/show-collection.ts')
        return showCollection(context, name)
      }),
    )
  collections
    .command('add')
    .description(
      'Add LoRAs: civitai:4201[@4202], hf:owner/name[/path], local:<file id>, or the address of a page.',
    )
    .argument('<collection>')
    .argument('<lora...>')
    .option('--create', 'make the collection if there is none of this name')
    .option('--name <text>', 'what to call it, instead of its own name')
    .option('--trigger <words>', 'what to write into the prompt, instead of its trigger words')
    .option('--weight <n>', 'how strong it is (1)', numberWithin('--weight', { min: -10, max: 10 }))
    .option('--prompt <text>')
    .option('--notes <text>')
    .action(
      act(async (context, ...[name, loras, options]: [string, string[], AddOptions]) => {
        const { addLoras } = await import('../collections/add-loras.ts')
        return addLoras(context, name, { loras, ...options })
      }),
    )
  collections
    .command('remove')
    .alias('rm')
    .description(
      'Take LoRAs out of a collection, by the id or the name of the entry; without any: the whole collection.',
    )
    .argument('<collection>')
    .argument('[lora...]')
    .action(
      act(async (context, name: string, loras: string[]) => {
        const { removeLoras } = await import('../collections/remove-loras.ts')
        return removeLoras(context, name, loras)
      }),
    )
  collections
    .command('fetch')
    .description('Download what is missing of a collection, and follow it.')
    .argument('<collection>')
    .option('--no-wait', 'only ask for it; prints the id of the download')
    .action(
      act(async (context, name: string, { wait }: { wait?: boolean }) => {
        const { fetchCollection } = await import('../collections/fetch-collection.ts')
        return fetchCollection(context, name, { wait })
      }),
    )
  collections
    .command('import')
    .description(
      'Make collections of a loras.yaml (YAML or JSON); one of the same name becomes what the file says.',
    )
    .argument('<file>')
    .option('--dry-run', 'only say what would come of it')
    .action(
      act(async (context, path: string, { dryRun }: { dryRun?: boolean }) => {
        const { importCollections } = await import('../collections/import-collections.ts')
        return importCollections(context, path, { dryRun })
      }),
    )
  collections
    .command('export')
    .description('Write collections as JSON that can be imported; without a name all of your own space.')
    .argument('[collection...]')
    .action(
      act(async (context, names: string[]) => {
        const { findCollection } = await import('../collections/find-collection.ts')
        const { collections: api } = await context.api()
        const found = []
        for (const name of names) found.push(await findCollection(api, name))
        const [first] = found
        const exported = await api.export(
          first ? { ids: found.map(({ id }) => id), spaceId: first.spaceId } : {},
        )
        context.out.printJson(exported)
      }),
    )
}

const examples = `
Examples:
  easel loras --for sdxl
  easel collections add Buildings civitai:4201 hf:ada/mill-lora --create --weight 0.8
  easel collections fetch Buildings
  easel collections import config/loras.yaml --dry-run
  easel collections export Buildings > buildings.json`
