import type { AddOptions } from '../downloads/add-options.ts'
import type { CreateDownload, DownloadView } from '@easel/client'
import { Option } from 'commander'
import type { Column } from '../output/table.ts'
import { formatAge, formatBytes, formatPercent, formatSeconds } from '../output/units.ts'
import type { Program } from './context.ts'
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
  { title: 'NAME', value: ({ filename, url }) => filename ?? url, flexible: true },
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

/** ComfyUI's folders below `models/`. */
const folders: readonly CreateDownload['folder'][] = [
  'checkpoints',
  'loras',
  'vae',
  'diffusion_models',
  'text_encoders',
  'clip_vision',
  'controlnet',
  'embeddings',
  'upscale_models',
  'hypernetworks',
  'style_models',
  'gligen',
  'vae_approx',
  'model_patches',
  'audio_encoders',
  'other',
]

export function addDownloads({ root, act }: Program): void {
  const dl = root
    .command('dl')
    .summary('download model files into the library')
    .description('Download model files into the library of the server.')
    .addHelpText('after', examples)

  dl.command('add', { isDefault: true })
    .description('Download a file; follows it until it lies in the library.')
    .argument('<url>')
    .addOption(
      new Option('-f, --folder <folder>', 'the folder it belongs to').choices(folders).makeOptionMandatory(),
    )
    .option('--sha256 <hash>', 'what the bytes must hash to')
    .option('--name <name>', 'the file name; as the server names it when left out')
    .option('--token-file <path>', 'a token for the host of the URL, and for it only')
    .option('--wait', 'follow it (as it does anyway)')
    .option('--no-wait', 'only ask for it; prints its id')
    .action(
      act(async (context, url: string, options: AddOptions) => {
        const { addDownload } = await import('../downloads/add-download.ts')
        return addDownload(context, url, options)
      }),
    )
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
      .argument('<id>')
      .action(
        act(async (context, id: string) => {
          const download = await (await context.api()).downloads[step](id)
          context.out.show(download, ({ status }) => [`${download.id}  ${status}`])
        }),
      )
  }
  dl.command('rm')
    .description('Stop downloads and remove what they have fetched; finished files stay in the library.')
    .argument('<id...>')
    .action(
      act(async (context, ids: string[]) => {
        const api = await context.api()
        for (const id of ids) await api.downloads.cancel(id)
        if (context.out.json) context.out.printJson({ removed: ids })
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
Examples:
  easel dl https://example.org/castle.safetensors --folder loras
  easel dl add https://… --folder checkpoints --sha256 9f86d0… --name castle.safetensors
  easel dl add https://… --folder vae --no-wait
  easel dl list --status running

Exit codes of "add": 0 the file is in the library, 1 it is not, 130 left with Ctrl-C (the download goes on).`
