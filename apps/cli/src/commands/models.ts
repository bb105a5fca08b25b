import { nsfwLevels } from '@easel/client'
import type { ModelView, SyncView, UpdatePage } from '@easel/client'
import { Option } from 'commander'
import { cardColumns } from '../models/card-table.ts'
import { readModelName, writeModelName } from '../models/model-name.ts'
import type { Column } from '../output/table.ts'
import { formatAge } from '../output/units.ts'
import type { Program } from './context.ts'
import { pageOptions, type PageOptions } from './page-options.ts'
import { queryOf, searchOptions, showSearch, type SearchOptions } from './search.ts'

type Update = UpdatePage['items'][number]

const updateColumns: readonly Column<Update>[] = [
  { title: 'MODEL', value: ({ model }) => writeModelName(model) },
  { title: 'NAME', value: ({ model }) => model.name, flexible: true },
  { title: 'HERE', value: ({ installedVersionName }) => installedVersionName, flexible: true },
  { title: 'NEWEST', value: ({ newest }) => newest.name, flexible: true },
  { title: 'VERSION', value: ({ newest }) => newest.id },
  { title: 'FOUND', value: ({ foundAt }) => formatAge(foundAt), optional: true },
]

const syncColumns: readonly Column<SyncView['sources'][number]>[] = [
  { title: 'SOURCE', value: ({ source }) => source },
  { title: 'STATE', value: ({ state }) => state },
  { title: 'MODELS', value: ({ models }) => models, side: 'right' },
  { title: 'ENDED', value: ({ finishedAt }) => formatAge(finishedAt) },
]

type ShowOptions = { versions?: true; nsfw?: ModelView['nsfw']; refresh?: true }

export function addModels(program: Program): void {
  const { root, act } = program
  const models = root
    .command('models')
    .summary('look up models')
    .description('Look up models: versions, files, trigger words, licence.')
    .addHelpText('after', examples)

  searchOptions(
    models
      .command('list')
      .description('Search what the server knows, without asking anybody elsewhere.')
      .argument('[words...]'),
  ).action(
    act(async (context, words: string[], options: SearchOptions) => {
      const api = await context.api()
      showSearch(context, await api.models.list(queryOf(words, options)))
    }),
  )
  models
    .command('show')
    .description('Show a model with its newest version.')
    .argument('<model>', 'civitai:4201, hf:owner/name or local:<id>')
    .option('--versions', 'all versions')
    .addOption(new Option('--nsfw <level>', 'pictures up to this level').choices(nsfwLevels))
    .option('--refresh', 'ask the source even when what is known is fresh')
    .action(
      act(async (context, name: string, { versions, nsfw, refresh }: ShowOptions) => {
        const [{ showModel }, api] = await Promise.all([import('../models/show-model.ts'), context.api()])
        const model = await api.models.get(readModelName(name), { maxNsfw: nsfw, refresh })
        showModel(context, model, { all: versions === true })
      }),
    )
  models
    .command('by-hash')
    .description('Say which model a file is. A hash is SHA-256, AutoV2 or AutoV3; a file is hashed here.')
    .argument('<hash or file>')
    .action(
      act(async (context, text: string) => {
        const [{ showMatch }, api] = await Promise.all([import('../models/show-model.ts'), context.api()])
        const { hashOf } = await import('../info/hash-file.ts')
        showMatch(context, await api.models.byHash(await hashOf(context, text)))
      }),
    )
  pageOptions(models.command('updates').description('List newer versions of what is in the library.')).action(
    act(async (context, page: PageOptions) => {
      context.out.list(await (await context.api()).models.updates(page), updateColumns)
    }),
  )
  models
    .command('dismiss')
    .description('Hear no more of a newer version.')
    .argument('<model>')
    .argument('<version>')
    .action(
      act(async (context, name: string, versionId: string) => {
        const { source, id: modelId } = readModelName(name)
        const { models: api } = await context.api()
        await api.dismissUpdate({ source: source as 'civitai', modelId, versionId })
        if (context.out.json) context.out.printJson({ dismissed: { source, modelId, versionId } })
      }),
    )
  models
    .command('sync')
    .description('Ask the sources now for what is new; with --state only say how it goes.')
    .option('--state', 'change nothing')
    .action(
      act(async (context, { state }: { state?: true }) => {
        const { models: api } = await context.api()
        const sync = await (state ? api.syncState() : api.sync())
        if (context.out.json) return context.out.printJson(sync)
        context.out.list({ items: sync.sources }, syncColumns)
      }),
    )
  addFavorites(program)
}

function addFavorites({ root, act }: Program): void {
  const favorites = root
    .command('favorites')
    .summary('keep models that you like')
    .description('Keep models that you like: your own list, on every device.')
  pageOptions(favorites.command('list', { isDefault: true }).description('List them.')).action(
    act(async (context, page: PageOptions) => {
      context.out.list(await (await context.api()).favorites.list(page), cardColumns)
    }),
  )
  const changes = [
    ['add', 'Make models favourites.', 'added'],
    ['remove', 'Make models no favourites.', 'removed'],
  ] as const
  for (const [name, description, done] of changes) {
    favorites
      .command(name)
      .description(description)
      .argument('<model...>')
      .action(
        act(async (context, names: string[]) => {
          const wanted = names.map(readModelName)
          const { favorites: api } = await context.api()
          for (const model of wanted) await api[name](model)
          if (context.out.json) context.out.printJson({ [done]: wanted })
        }),
      )
  }
}

const examples = `
Examples:
  easel models show civitai:4201 --versions
  easel models show hf:Comfy-Org/Wan_2.2_ComfyUI_Repackaged
  easel models by-hash castle.safetensors
  easel models updates --json | jq -r '.items[] | "civitai:\\(.model.id)@\\(.newest.id)"' | xargs easel dl add`
