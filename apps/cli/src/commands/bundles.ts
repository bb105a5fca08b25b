import type { BundleStatus, BundleView } from '@easel/client'
import type { Column } from '../output/table.ts'
import { formatBytes, formatPercent } from '../output/units.ts'
import { exitCodes } from '../exit-codes.ts'
import type { Program } from './context.ts'
import { pageOptions, type PageOptions } from './page-options.ts'

const columns: readonly Column<BundleView>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'NAME', value: ({ name }) => name, flexible: true },
  { title: 'FAMILY', value: ({ family }) => family, optional: true },
  { title: 'FILES', value: ({ files }) => files.length, side: 'right' },
  { title: 'SIZE', value: ({ bytes }) => formatBytes(bytes), side: 'right' },
  { title: 'LICENCE', value: ({ licence }) => licence, flexible: true, optional: true },
]

type FileOf = BundleView['files'][number] & Partial<Pick<BundleStatus['files'][number], 'state' | 'progress'>>

const fileColumns: readonly Column<FileOf>[] = [
  { title: 'STATE', value: stateOf },
  { title: 'FOLDER', value: ({ folder }) => folder },
  { title: 'NAME', value: ({ filename }) => filename, flexible: true },
  { title: 'SIZE', value: ({ bytes }) => formatBytes(bytes), side: 'right' },
  {
    title: 'NOTES',
    value: ({ precision, noise, optional }) =>
      [precision, noise && `${noise} noise`, optional && 'optional'].filter(Boolean).join(', '),
    optional: true,
  },
]

type Variant = { variant?: string }

export function addBundles({ root, act }: Program): void {
  const bundles = root
    .command('bundles')
    .summary('files that belong together, by one name')
    .description('Named lists of model files that belong together: see what is missing, and fetch it.')
    .addHelpText('after', examples)

  pageOptions(bundles.command('list', { isDefault: true }).description('List them.'))
    .option('--query <text>', 'part of the name')
    .option('--family <family>')
    .action(
      act(
        async (
          context,
          { limit, cursor, query: q, family }: PageOptions & { query?: string; family?: string },
        ) => {
          const { bundles: api } = await context.api()
          context.out.list(await api.list({ limit, cursor, q, family }), columns)
        },
      ),
    )
  bundles
    .command('show')
    .description('Show a bundle with its files.')
    .argument('<id>')
    .action(
      act(async (context, id: string) => {
        const { out } = context
        const bundle = await (await context.api()).bundles.get(id)
        if (out.json) return out.printJson(bundle)
        out.facts([
          ['id', bundle.id],
          ['name', bundle.name],
          ['description', bundle.description],
          ['family', bundle.family],
          ['licence', bundle.licence],
          ['size', formatBytes(bundle.bytes)],
        ])
        out.print()
        out.list({ items: bundle.files }, fileColumns)
      }),
    )
  bundles
    .command('status')
    .description('Say what of a bundle is here; exit code 1 unless all is.')
    .argument('<id>')
    .option('--variant <precision>', 'of what comes in several precisions, this one')
    .action(
      act(async (context, id: string, { variant }: Variant) => {
        const { out } = context
        const status = await (await context.api()).bundles.status(id, { variant })
        if (out.json) out.printJson(status)
        else {
          out.list({ items: status.files }, fileColumns)
          const { state, bytesPresent, bytesTotal } = status
          out.note(`${state}: ${formatBytes(bytesPresent)} of ${formatBytes(bytesTotal)}`)
        }
        return status.state === 'present' ? exitCodes.ok : exitCodes.failed
      }),
    )
  bundles
    .command('install')
    .description('Download what is missing of a bundle, and follow it.')
    .argument('<id>')
    .option('--variant <precision>')
    .option('--no-wait', 'only ask for it; prints its id')
    .action(
      act(async (context, bundle: string, { variant, wait }: Variant & { wait?: boolean }) => {
        const { addDownload } = await import('../downloads/add-download.ts')
        return addDownload(context, [], { bundle, variant, wait })
      }),
    )
  bundles
    .command('import')
    .description('Make bundles of WanGP’s defaults/*.json. Admins only.')
    .argument('<file...>', 'files, or folders of them')
    .option('--dry-run', 'only say what would come of it')
    .action(
      act(async (context, paths: string[], { dryRun }: { dryRun?: boolean }) => {
        const { importManifests } = await import('../bundles/import-manifests.ts')
        return importManifests(context, paths, { dryRun })
      }),
    )
  bundles
    .command('save')
    .description(
      'Add or replace a bundle by a JSON file {id, name, files: [{folder, filename, urls, …}]}. Admins only.',
    )
    .argument('<file>')
    .action(
      act(async (context, path: string) => {
        const { saveBundle } = await import('../bundles/import-manifests.ts')
        context.out.show(await saveBundle(context, path), ({ id }) => [id])
      }),
    )
  bundles
    .command('delete')
    .alias('rm')
    .description(
      'Remove bundles; their files stay. One that came with Easel comes back as it was. Admins only.',
    )
    .argument('<id...>')
    .action(
      act(async (context, ids: string[]) => {
        const { bundles: api } = await context.api()
        for (const id of ids) await api.delete(id)
        if (context.out.json) context.out.printJson({ removed: ids })
      }),
    )
}

function stateOf({ state, progress }: FileOf): string {
  if (state === undefined) return ''
  return progress && state !== 'present' ? `${state} ${formatPercent(progress)}` : state
}

const examples = `
Examples:
  easel bundles list --family wan22-i2v
  easel bundles status wan22-i2v || easel bundles install wan22-i2v
  easel bundles import ~/Wan2GP/defaults --dry-run`
