import type { AddOptions } from '../downloads/add-options.ts'
import type { GetOptions } from '../downloads/get-file.ts'
import { modelFolders } from '@easel/client'
import type { DownloadView } from '@easel/client'
import { Option } from 'commander'
import type { Command } from 'commander'
import type { Column } from '../output/table.ts'
import { formatAge, formatBytes, formatPercent, formatSeconds } from '../output/units.ts'
import { integer } from '../run/values.ts'
import { usageError } from '../exit-codes.ts'
import type { Context, Program } from './context.ts'
import { addDownloadSettings } from './dl-settings.ts'
import { pageOptions, type PageOptions } from './page-options.ts'

const columns: readonly Column<DownloadView>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'STATUS', value: ({ status }) => status },
  { title: 'DONE', value: doneOf, side: 'right' },
  { title: 'SIZE', value: ({ bytesTotal }) => formatBytes(bytesTotal), side: 'right' },
  {
    title: 'SPEED',
    value: ({ bytesPerSecond, status }) =>
      status === 'running' && bytesPerSecond ? `${formatBytes(bytesPerSecond)}/s` : '',
    side: 'right',
    optional: true,
  },
  { title: 'FOLDER', value: ({ folder }) => folder, optional: true },
  { title: 'NAME', value: ({ title, filename, url }) => title ?? filename ?? url, flexible: true },
  { title: 'CREATED', value: ({ createdAt }) => formatAge(createdAt), optional: true },
]

const statuses: readonly DownloadView['status'][] = [
  'queued',
  'running',
  'verifying',
  'paused',
  'completed',
  'failed',
  'canceled',
]

export function addDownloads(program: Program): void {
  const { root, act } = program
  const dl = root
    .command('dl')
    .summary('download model files into the library')
    .description('Download model files into the library of the server.')
    .addHelpText('after', examples)

  addAdd(dl, program)
  pageOptions(dl.command('list').description('List downloads, the newest first.'))
    .addOption(new Option('-s, --status <status...>', 'with one of these').choices(statuses))
    .action(
      act(async (context, { limit, cursor, status }: PageOptions & { status?: DownloadView['status'][] }) => {
        context.out.list(await (await context.api()).downloads.list({ limit, cursor, status }), columns)
      }),
    )
  dl.command('show')
    .description('Show a download.')
    .argument('<id>')
    .action(
      act(async (context, id: string) => {
        const download = await (await context.api()).downloads.get(id)
        if (context.out.json) return context.out.printJson(download)
        context.out.facts(downloadFacts(download))
      }),
    )
  dl.command('watch')
    .description('Follow a download until it ends.')
    .argument('<id>')
    .action(
      act(async (context, id: string) => {
        const { watchDownload } = await import('../downloads/add-download.ts')
        return watchDownload(context, id)
      }),
    )
  const steps = [
    ['pause', 'Pause a download.'],
    ['resume', 'Go on with a paused download.'],
    ['retry', 'Try a failed download again.'],
  ] as const
  for (const [step, description] of steps) {
    dl.command(step)
      .description(description)
      .argument('[id...]')
      .option('--all', 'all of the space that it fits')
      .action(act((context, ids: string[], options: ActOptions) => actOn(context, { step, ids, ...options })))
  }
  dl.command('cancel')
    .alias('rm')
    .description('Stop downloads and remove what they have fetched; finished files stay in the library.')
    .argument('[id...]')
    .option('--all', 'all of the space that are under way')
    .action(
      act(async (context, ids: string[], { all }: ActOptions) => {
        if (all) return actOn(context, { step: 'cancel', ids, all })
        if (ids.length === 0) throw usageError('Say which, or --all')
        const api = await context.api()
        for (const id of ids) await api.downloads.cancel(id)
        if (context.out.json) context.out.printJson({ removed: ids })
      }),
    )
  dl.command('priority')
    .description('Let downloads go before others, or after them.')
    .argument(
      '<priority>',
      'from -10 to 10; a higher one goes first',
      integer('priority', { min: -10, max: 10 }),
    )
    .argument('<id...>')
    .action(
      act(async (context, priority: number, ids: string[]) => {
        const { downloads } = await context.api()
        const items: DownloadView[] = []
        for (const id of ids) items.push(await downloads.setPriority(id, priority))
        showSteps(context, items)
      }),
    )
  dl.command('top')
    .description('Choose and watch downloads on a screen of their own, by keys.')
    .action(
      act(async (context) => {
        const { runTop } = await import('../top/run-top.ts')
        return runTop(context)
      }),
    )
  addDownloadSettings(dl, program)
}

type ActOptions = { all?: boolean }
type Act = ActOptions & { step: 'pause' | 'resume' | 'retry' | 'cancel'; ids: readonly string[] }

async function actOn(context: Context, { step, ids, all = false }: Act): Promise<void> {
  if (ids.length === 0 && !all) throw usageError('Say which, or --all')
  const { downloads } = await context.api()
  if (all) {
    const acted = await downloads.act({ action: step, ...(ids.length > 0 && { ids: [...ids] }) })
    return context.out.show(acted, ({ changed }) => changed)
  }
  const items: DownloadView[] = []
  for (const id of ids) if (step !== 'cancel') items.push(await downloads[step](id))
  showSteps(context, items)
}

/** One as the API gives it, several as a list. */
function showSteps({ out }: Context, items: readonly DownloadView[]): void {
  const shown = items.length === 1 ? items[0] : { items, nextCursor: null }
  out.show(shown, () => items.map(({ id, status }) => `${id}  ${status}`))
}

function addAdd(dl: Command, { act }: Program): void {
  dl.command('add', { isDefault: true })
    .description('Download files; follows them until they lie in the library. See below for what.')
    .argument('[what...]')
    .option('-v, --version-id <id>', 'of CivitAI: this version')
    .option('-m, --model-id <id>', 'of CivitAI: the newest version of this model')
    .option('--file-id <id>', 'of CivitAI: this file of the version, not the primary one')
    .option('-H, --hash <hash>', 'SHA-256, AutoV2 or AutoV3 of a file that CivitAI knows')
    .option('--repo <repo>', 'of Hugging Face: owner/name, the whole of it or …')
    .option('--path <path>', '… this file')
    .option('--pattern <pattern...>', '… what matches: *.safetensors, unet/**')
    .option('--revision <revision>', 'branch, tag or commit')
    .option('--bundle <id>', 'all files of a bundle')
    .option('--variant <precision>', 'of what comes in several precisions, this one')
    .addOption(
      new Option('-f, --folder <folder>', 'where it goes; a plain address needs it').choices(modelFolders),
    )
    .option('--sha256 <hash>', 'what the bytes must hash to')
    .option('--name <name>', 'the file name; as the server names it when left out')
    .option('--mirror <url...>', 'further places with the same bytes')
    .option('--priority <n>', 'higher goes first', integer('--priority', { min: -10, max: 10 }))
    .option('--token-file <path>', 'a token for the host of the URL, and for it only')
    .option('--wait', 'follow it (as it does anyway)')
    .option('--no-wait', 'only ask for it; prints its id')
    .action(
      act(async (context, what: string[], options: AddOptions) => {
        const { addDownload } = await import('../downloads/add-download.ts')
        return addDownload(context, what, options)
      }),
    )
  dl.command('get')
    .description('Download the file of a bundle by its name, or a part of it. For scripts.')
    .argument('<name>')
    .option('--bundle <id>', 'of this bundle')
    .option('--variant <precision>')
    .option('--all', 'all that match, when several do')
    .option('--dry-run', 'only say which')
    .option('--no-wait', 'only ask for it; prints its id')
    .action(
      act(async (context, name: string, options: GetOptions) => {
        const { getFile } = await import('../downloads/get-file.ts')
        return getFile(context, name, options)
      }),
    )
}

function doneOf({ bytesDone, bytesTotal, status }: DownloadView): string {
  if (status === 'completed') return '100%'
  return bytesTotal ? formatPercent(bytesDone / bytesTotal) : formatBytes(bytesDone)
}

function downloadFacts(download: DownloadView): (readonly [string, string | number | null | undefined])[] {
  const { bytesDone, bytesTotal, bytesPerSecond, error } = download
  const size = bytesTotal ? `${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}` : formatBytes(bytesDone)
  return [
    ['id', download.id],
    ['status', download.status],
    ['title', download.title],
    ['url', download.url],
    ['file', `${download.folder}/${download.filename ?? '?'}`],
    ['bytes', `${size} (${doneOf(download)})`],
    ['speed', bytesPerSecond ? `${formatBytes(bytesPerSecond)}/s` : ''],
    ['ETA', formatSeconds(download.etaSeconds)],
    ['SHA-256', download.sha256],
    ['verified', download.verification],
    ['attempts', download.attempts],
    ['error', error && `${error.message} [${error.code}]`],
    ['created', `${download.createdAt} (${formatAge(download.createdAt)})`],
    ['finished', download.finishedAt],
  ]
}

const examples = `
What can be downloaded:
  https://…                      a plain address; --folder says where it goes
  https://civitai.com/models/…   a page of CivitAI or Hugging Face, or an AIR (urn:air:…)
  civitai:4201 · civitai:4201@4202     the newest, or one version of a model
  hf:owner/name · hf:owner/name@v1/unet/model.safetensors     a repository, or a file of it
  bundle:ID · a SHA-256          several of these are one download

Examples:
  easel dl https://example.org/castle.safetensors --folder loras
  easel dl civitai:4201 hf:Comfy-Org/flux1-dev/ae.safetensors
  easel dl add --repo city96/FLUX.1-dev-gguf --pattern '*Q4_K_S*'
  easel dl get ae.safetensors || echo "there is no such file"
  easel dl list --status running
  easel dl settings --rate 20MiB --hours "daily 22:00-06:00 none"
  easel dl top

Exit codes of "add" and "get": 0 the files are in the library, 1 they are not (or nothing matched), 130 left with
Ctrl-C (the download goes on).`
