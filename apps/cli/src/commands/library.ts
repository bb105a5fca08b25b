import { modelTypes } from '@easel/client'
import type { LibraryFileView, LibraryStats, ScanView } from '@easel/client'
import { Option } from 'commander'
import { formatFacts, formatTable, type Column } from '../output/table.ts'
import { formatAge, formatBytes, formatCount } from '../output/units.ts'
import type { Program } from './context.ts'
import { addLibraryCare } from './library-care.ts'
import { pageOptions, type PageOptions } from './page-options.ts'

const columns: readonly Column<LibraryFileView>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'FOLDER', value: ({ folder }) => folder },
  { title: 'NAME', value: ({ name }) => name, flexible: true },
  { title: 'BASE', value: ({ family, baseModel }) => family ?? baseModel, flexible: true, optional: true },
  { title: 'SIZE', value: ({ bytes }) => formatBytes(bytes), side: 'right', optional: true },
  { title: 'STATE', value: ({ state, unsafe }) => (unsafe ? `${state} UNSAFE` : state) },
]

type Filters = PageOptions & {
  query?: string
  folder?: string
  base?: string
  family?: string
  for?: string
  type?: NonNullable<LibraryFileView['type']>
  linked?: boolean
  together?: true
  format?: LibraryFileView['format']
  unsafe?: boolean
  sort?: 'name' | 'newest' | 'largest'
}

export function addLibrary(program: Program): void {
  const { root, act } = program
  const library = root
    .command('library')
    .summary('look into the model files of the server')
    .description('Look into the model files of the server.')
    .addHelpText('after', examples)

  pageOptions(library.command('list').description('List model files.'))
    .option('--query <text>', 'part of the name')
    .option('--folder <folder>', 'loras, checkpoints, …')
    .option('--base <model>', 'made for this base model')
    .option('--family <family>', 'of this family: sdxl, flux1-dev, wan22-i2v, …')
    .option('--for <family>', 'LoRAs, embeddings and the like that go with models of this family')
    .addOption(new Option('-t, --type <type>').choices(modelTypes))
    .option('--linked', 'only those of which it is known which model they are')
    .option('--no-linked', 'only the others')
    .option('--together', 'a file and its quantized twin as one row')
    .addOption(new Option('--format <format>').choices(['safetensors', 'gguf', 'pickle', 'other']))
    .option('--unsafe', 'only files that can run code when they are loaded')
    .addOption(new Option('--sort <order>').choices(['name', 'newest', 'largest']))
    .action(
      act(async (context, filters: Filters) => {
        const { query: q, for: compatibleWith, together, ...same } = filters
        const variants = together ? ('together' as const) : undefined
        const api = await context.api()
        context.out.list(await api.library.files({ ...same, q, compatibleWith, variants }), columns)
      }),
    )
  library
    .command('show')
    .description('Show a model file: by id, SHA-256, AutoV2 or AutoV3.')
    .argument('<id or hash>')
    .action(
      act(async (context, id: string) => {
        const { library } = await context.api()
        const file = await (id.includes('-') ? library.get(id) : library.byHash(id))
        if (context.out.json) return context.out.printJson(file)
        context.out.facts(fileFacts(file))
      }),
    )
  library
    .command('scan')
    .description('Look for new, changed and gone files; joins the scan that runs.')
    .argument('[path]', 'only below this folder of the library')
    .option('--wait', 'until it is done')
    .action(
      act(async (context, path: string | undefined, { wait = false }: { wait?: boolean }) => {
        const { scanLibrary } = await import('../library/scan-library.ts')
        const scan = await scanLibrary(context, { path, wait })
        context.out.show(scan, (done) => [scanLine(done)])
      }),
    )
  library
    .command('stats')
    .description('Count what is in the library.')
    .action(
      act(async (context) => {
        context.out.show(await (await context.api()).library.stats(), statsLines)
      }),
    )
  addLibraryCare(library, program)
}

function fileFacts(file: LibraryFileView): (readonly [string, string | number | null | undefined])[] {
  return [
    ['id', file.id],
    ['path', file.path],
    ['state', file.problem ? `${file.state}: ${file.problem}` : file.state],
    ['format', file.unsafe ? `${file.format} (UNSAFE: can run code when it is loaded)` : file.format],
    ['size', formatBytes(file.bytes)],
    ['title', file.title],
    ['type', file.type],
    ['family', file.family],
    ['base', file.baseModel],
    ['precision', file.precision],
    ['model', file.modelId && `${file.modelSource}:${file.modelId}`],
    ['triggers', file.triggerWords.join(', ')],
    ['tensors', file.tensorCount],
    ['parameters', file.parameterCount],
    ['types', file.dtypes.join(', ')],
    ['SHA-256', file.sha256],
    ['AutoV2', file.autoV2],
    ['AutoV3', file.autoV3],
    ['changed', file.modifiedAt],
    ['indexed', `${file.indexedAt} (${formatAge(file.indexedAt)})`],
  ]
}

function scanLine({ state, found, hashed, unchanged, removed, failed }: ScanView): string {
  const counts = [`${hashed} hashed`, `${unchanged} unchanged`, `${removed} removed`, `${failed} failed`]
  return `${state === 'scanning' ? 'Scanning' : 'Scanned'} ${formatCount(found, 'file')}: ${counts.join(', ')}`
}

const folderColumns: readonly Column<LibraryStats['folders'][number]>[] = [
  { title: 'FOLDER', value: ({ folder }) => folder },
  { title: 'FILES', value: ({ files }) => files, side: 'right' },
  { title: 'SIZE', value: ({ bytes }) => formatBytes(bytes), side: 'right' },
]

function statsLines(stats: LibraryStats): string[] {
  const { files, bytes, hashed, unsafe, refused, folders, scan } = stats
  const facts = formatFacts([
    ['files', files],
    ['size', formatBytes(bytes)],
    ['hashed', hashed],
    ['unsafe', unsafe],
    ['refused', refused],
    ['linked', stats.linked],
    ['duplicates', stats.duplicates && `${stats.duplicates} (${formatBytes(stats.duplicateBytes)})`],
    ['misplaced', stats.misplaced],
    ['no sidecar', stats.failedSidecars || null],
    ['scan', scan.state],
  ])
  return folders.length === 0 ? facts : [...facts, '', ...formatTable(folders, folderColumns)]
}

const examples = `
Examples:
  easel library list --folder loras --sort largest
  easel library show 9f86d081884c7d65…
  easel library scan --wait`
