import type { AssetView } from '@easel/client'
import { Option } from 'commander'
import type { Column } from '../output/table.ts'
import { formatAge, formatBytes } from '../output/units.ts'
import { collect, wholeNumber } from '../run/values.ts'
import type { Program } from './context.ts'
import { pageOptions, type PageOptions } from './page-options.ts'

const columns: readonly Column<AssetView>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'KIND', value: ({ kind }) => kind },
  {
    title: 'SIZE',
    value: ({ width, height }) => (width && height ? `${width}×${height}` : ''),
    side: 'right',
    optional: true,
  },
  { title: 'BYTES', value: ({ bytes }) => formatBytes(bytes), side: 'right', optional: true },
  {
    title: 'RATED',
    value: ({ rating, favorite }) => `${'*'.repeat(rating)}${favorite ? ' fav' : ''}`.trim(),
    optional: true,
  },
  { title: 'NAME', value: ({ filename }) => filename, flexible: true },
  { title: 'PROMPT', value: ({ prompt }) => prompt, flexible: true },
  { title: 'CREATED', value: ({ createdAt }) => formatAge(createdAt) },
]

const kinds: readonly AssetView['kind'][] = [
  'image',
  'animation',
  'video',
  'audio',
  'text',
  'latent',
  'model3d',
  'other',
]

type Filters = PageOptions & {
  query?: string
  model?: string
  lora?: string
  tag?: string
  kind?: AssetView['kind']
  origin?: AssetView['origin']
  session?: string
  job?: string
  rating?: number
  favorite?: boolean
  since?: string
  until?: string
  sort?: 'newest' | 'oldest' | 'rating'
}

export function addAssets({ root, act }: Program): void {
  const assets = root
    .command('assets')
    .summary('look through what was made and uploaded')
    .description('Look through what was made and uploaded.')
    .addHelpText('after', examples)

  pageOptions(assets.command('list').description('List assets, the newest first.'))
    .option('--query <words>', 'words in prompt, notes, tags, file name')
    .option('--model <name>', 'made with this model')
    .option('--lora <name>', 'made with this LoRA')
    .option('--tag <tag>', 'with this tag')
    .addOption(new Option('--kind <kind>', 'of this kind').choices(kinds))
    .addOption(new Option('--origin <origin>', 'made by a job, or uploaded').choices(['job', 'upload']))
    .option('--session <id>', 'of this session')
    .option('--job <id>', 'of this job')
    .option('--rating <n>', 'with so many stars at least', wholeNumber('--rating', { min: 1, max: 5 }))
    .option('--favorite', 'favourites only')
    .option('--since <time>', 'made since this ISO time')
    .option('--until <time>', 'made until this ISO time')
    .addOption(
      new Option('--sort <order>', 'the newest first when left out').choices(['newest', 'oldest', 'rating']),
    )
    .action(
      act(async (context, { query: q, session: sessionId, job: jobId, ...filters }: Filters) => {
        const api = await context.api()
        context.out.list(await api.assets.list({ ...pick(filters), q, sessionId, jobId }), columns)
      }),
    )
  assets
    .command('show')
    .description('Show all that is known of an asset; with --json its graph too.')
    .argument('<id>')
    .action(
      act(async (context, id: string) => {
        const asset = await (await context.api()).assets.get(id)
        if (context.out.json) return context.out.printJson(asset)
        context.out.facts(assetFacts(asset))
      }),
    )
  assets
    .command('get')
    .description('Save the bytes of an asset; "-o -" writes them to stdout.')
    .argument('<id>')
    .option('-o, --output <path>', 'a file, or a folder that is there; its own name when left out')
    .action(
      act(async (context, id: string, { output }: { output?: string }) => {
        const { getAsset } = await import('../files/get-asset.ts')
        await getAsset(context, id, output)
      }),
    )
  assets
    .command('upload')
    .description('Upload files; prints their ids.')
    .argument('<file...>')
    .option('--session <id>', 'into this session')
    .option('-t, --tag <tag>', 'give them this tag (repeatable)', collect(String))
    .action(
      act(async (context, files: string[], { session, tag }: { session?: string; tag?: string[] }) => {
        const { uploadFiles } = await import('../files/upload-files.ts')
        await uploadFiles(context, files, { sessionId: session, tags: tag })
      }),
    )
  assets
    .command('rm')
    .description('Remove assets.')
    .argument('<id...>')
    .action(
      act(async (context, ids: string[]) => {
        const api = await context.api()
        for (const id of ids) await api.assets.delete(id)
        if (context.out.json) context.out.printJson({ removed: ids })
      }),
    )
  assets
    .command('tag')
    .description('Set the tags of an asset: "+tag" adds, "-tag" takes away, plain tags replace all.')
    .argument('<id>')
    .argument('<tags...>')
    .allowUnknownOption()
    .action(
      act(async (context, id: string, changes: string[]) => {
        const api = await context.api()
        const tags = await newTags(changes, async () => (await api.assets.get(id)).tags)
        context.out.show(await api.assets.update(id, { tags }), (asset) => [asset.tags.join(' ')])
      }),
    )
  assets
    .command('rate')
    .description('Give an asset 0 to 5 stars; 0 takes them away.')
    .argument('<id>')
    .argument('<stars>', '', wholeNumber('stars', { min: 0, max: 5 }))
    .action(
      act(async (context, id: string, rating: number) => {
        const asset = await (await context.api()).assets.update(id, { rating })
        context.out.show(asset, () => [`${asset.id}  ${'*'.repeat(asset.rating) || 'not rated'}`])
      }),
    )
  assets
    .command('fav')
    .description('Make assets favourites.')
    .argument('<id...>')
    .option('--off', 'no favourites any more')
    .action(
      act(async (context, ids: string[], { off = false }: { off?: boolean }) => {
        const api = await context.api()
        const items = await Promise.all(ids.map((id) => api.assets.update(id, { favorite: !off })))
        if (context.out.json) return context.out.printJson({ items, nextCursor: null })
        context.out.printLines(
          items.map(({ id, favorite }) => `${id}  ${favorite ? 'favourite' : 'no favourite'}`),
        )
      }),
    )
}

/** Without the options of the whole program, which stand among a command's own. */
function pick(filters: Omit<Filters, 'query' | 'session' | 'job'>) {
  const { limit, cursor, model, lora, tag, kind, origin, rating, favorite, since, until, sort } = filters
  return { limit, cursor, model, lora, tag, kind, origin, rating, favorite, since, until, sort }
}

async function newTags(
  changes: readonly string[],
  current: () => Promise<readonly string[]>,
): Promise<string[]> {
  const isChange = (text: string) => /^[+-]./.test(text)
  if (!changes.some(isChange)) return [...new Set(changes)]
  const tags = new Set(await current())
  for (const change of changes) {
    if (change.startsWith('-')) tags.delete(change.slice(1))
    else tags.add(change.replace(/^\+/, ''))
  }
  return [...tags]
}

function assetFacts(asset: AssetView): (readonly [string, string | number | null | undefined])[] {
  return [
    ['id', asset.id],
    ['kind', `${asset.kind} (${asset.mime})`],
    ['name', asset.filename],
    ['size', asset.width && asset.height ? `${asset.width}×${asset.height}` : ''],
    ['seconds', asset.durationSeconds],
    ['bytes', formatBytes(asset.bytes)],
    ['hash', asset.hash],
    ['job', asset.jobId],
    ['session', asset.sessionId],
    ['prompt', asset.prompt],
    ['negative', asset.negativePrompt],
    ['models', asset.models.join(', ')],
    ['LoRAs', asset.loras.join(', ')],
    ['sampler', [asset.sampler, asset.scheduler].filter(Boolean).join(' ')],
    ['seed', asset.seed],
    ['steps', asset.steps],
    ['cfg', asset.cfg],
    ['tags', asset.tags.join(' ')],
    ['rating', asset.rating || ''],
    ['favourite', asset.favorite ? 'yes' : ''],
    ['notes', asset.notes],
    ['created', `${asset.createdAt} (${formatAge(asset.createdAt)})`],
  ]
}

const examples = `
Examples:
  easel assets list --query "castle" --rating 4
  easel assets get 0193… -o out
  easel assets upload photo.png --tag reference
  easel assets tag 0193… -- +keep -draft`
