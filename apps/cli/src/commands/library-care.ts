import type { DuplicatePage, MisplacedPage } from '@easel/client'
import type { Command } from 'commander'
import { readModelName } from '../models/model-name.ts'
import { usageError } from '../exit-codes.ts'
import type { Column } from '../output/table.ts'
import { formatBytes, formatCount } from '../output/units.ts'
import type { Program } from './context.ts'
import { pageOptions, type PageOptions } from './page-options.ts'

const duplicateColumns: readonly Column<DuplicatePage['items'][number]>[] = [
  { title: 'SHA-256', value: ({ sha256 }) => sha256.slice(0, 12) },
  { title: 'WASTED', value: ({ wastedBytes }) => formatBytes(wastedBytes), side: 'right' },
  { title: 'COPIES', value: ({ copies }) => copies.length, side: 'right' },
  {
    title: 'PATHS',
    value: ({ copies }) => copies.map(({ root, path }) => (root ? `${root}:${path}` : path)).join('  '),
    flexible: true,
  },
]

const misplacedColumns: readonly Column<MisplacedPage['items'][number]>[] = [
  { title: 'ID', value: ({ file }) => file.id },
  { title: 'PATH', value: ({ file }) => file.path, flexible: true },
  { title: 'TYPE', value: ({ type }) => type },
  { title: 'BELONGS TO', value: ({ suggestedPath }) => suggestedPath, flexible: true },
  { title: '', value: ({ readOnly }) => (readOnly ? 'read-only' : '') },
]

type LinkOptions = { model?: string; versionId?: string; none?: true }
type Triggers = { source?: 'civitai' | 'huggingface'; versionId?: string }

export function addLibraryCare(library: Command, { act }: Program): void {
  pageOptions(
    library.command('duplicates').description('List contents that lie more than once on the disk.'),
  ).action(
    act(async (context, page: PageOptions) => {
      context.out.list(await (await context.api()).library.duplicates(page), duplicateColumns)
    }),
  )
  pageOptions(
    library
      .command('misplaced')
      .description('List files that belong into another folder by what their header says.'),
  ).action(
    act(async (context, page: PageOptions) => {
      context.out.list(await (await context.api()).library.misplaced(page), misplacedColumns)
    }),
  )
  library
    .command('move')
    .description('Rename a file inside the models folder; without a path: to where it belongs.')
    .argument('<id>')
    .argument('[path]', 'below the models folder, with the file’s name')
    .action(
      act(async (context, id: string, path: string | undefined) => {
        const { library: api } = await context.api()
        context.out.show(await api.move(id, { path }), (file) => [file.path])
      }),
    )
  library
    .command('link')
    .description('Say which model a file is, where its hash does not.')
    .argument('<id>')
    .option('--model <model>', 'civitai:4201 or hf:owner/name')
    .option('--version-id <id>')
    .option('--none', 'take the link away')
    .action(
      act(async (context, id: string, { model, versionId, none }: LinkOptions) => {
        if ((model === undefined) === (none === undefined)) throw usageError('Say --model, or --none')
        const named = model === undefined ? undefined : readModelName(model)
        const link = { id, source: named?.source, modelId: named?.id, versionId }
        const file = await (await context.api()).library.link(link)
        context.out.show(file, ({ path, modelSource, modelId }) => [
          `${path}  ${modelId ? `${modelSource}:${modelId}` : 'not linked'}`,
        ])
      }),
    )
  library
    .command('triggers')
    .description('Print the trigger words of a file, or of a version in the catalogue.')
    .argument('[id]', 'of a file')
    .option('--source <source>', 'civitai or huggingface', 'civitai')
    .option('--version-id <id>')
    .action(
      act(async (context, fileId: string | undefined, { source, versionId }: Triggers) => {
        if ((fileId === undefined) === (versionId === undefined)) {
          throw usageError('Say the id of a file, or --version-id')
        }
        const query = fileId === undefined ? { source, versionId } : { fileId }
        const words = await (await context.api()).library.triggerWords(query)
        context.out.show(words, (found) => found.words)
      }),
    )
  library
    .command('sidecars')
    .description('Write beside model files what is known of them; beside all, unless some are named.')
    .argument('[id...]')
    .action(
      act(async (context, ids: string[]) => {
        const { library: api } = await context.api()
        const done = await api.writeSidecars(ids.length > 0 ? { ids } : {})
        context.out.show(done, ({ written, items }) => [
          ...items
            .filter(({ outcome }) => outcome === 'failed')
            .map(({ path, problem }) => `${path}: ${problem ?? 'failed'}`),
          `${formatCount(written, 'file')} written`,
        ])
      }),
    )
}
