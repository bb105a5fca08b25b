import { Option } from 'commander'
import type { Command } from 'commander'
import { modelTypes, nsfwLevels, searchPeriods, searchSorts } from '@easel/client'
import type { GetSearchQuery, SearchPage } from '@easel/client'
import { cardColumns } from '../models/card-table.ts'
import type { Context, Program } from './context.ts'
import { pageOptions, type PageOptions } from './page-options.ts'

export type SearchOptions = PageOptions & {
  provider?: 'civitai' | 'hf' | 'local' | 'all'
  type?: NonNullable<GetSearchQuery['type']>
  base?: string[]
  tag?: string[]
  creator?: string
  period?: GetSearchQuery['period']
  nsfw?: GetSearchQuery['maxNsfw']
  sfw?: true
  commercial?: true
  task?: string
  sort?: GetSearchQuery['sort']
  installed?: true
  favorites?: true
  offline?: true
  facets?: true
}

export function addSearch({ root, act }: Program): void {
  searchOptions(
    root
      .command('search')
      .summary('search models on CivitAI, Hugging Face and here')
      .description('Search models on CivitAI, on Hugging Face and in the library, together.')
      .argument('[words...]'),
  )
    .option('--offline', 'only what is known to the server; nobody elsewhere is asked')
    .addHelpText('after', examples)
    .action(
      act(async (context, words: string[], options: SearchOptions) => {
        const api = await context.api()
        showSearch(context, await api.search(queryOf(words, options)))
      }),
    )
}

/** What every search takes. */
export function searchOptions(command: Command): Command {
  return pageOptions(command)
    .addOption(
      new Option('-P, --provider <provider>', 'only this one').choices(['civitai', 'hf', 'local', 'all']),
    )
    .addOption(new Option('-t, --type <type...>').choices(modelTypes))
    .option('-b, --base <base...>', 'families (sdxl) or base models as the source names them (SDXL 1.0)')
    .option('--tag <tag...>')
    .option('-u, --creator <name>', 'who made it')
    .addOption(new Option('-p, --period <period>').choices(searchPeriods))
    .addOption(new Option('-s, --sort <order>').choices(searchSorts))
    .addOption(new Option('--nsfw <level>', 'show pictures and models up to this level').choices(nsfwLevels))
    .addOption(new Option('--sfw', 'harmless ones only').conflicts('nsfw'))
    .option('--commercial', 'only what allows to sell what is made with it')
    .option('--task <task>', 'of Hugging Face: text-to-image, …')
    .option('--installed', 'only what is in the library')
    .option('--favorites', 'only your favourites')
    .option('--facets', 'count by type, family and source, too')
}

export function queryOf(words: readonly string[], options: SearchOptions): GetSearchQuery {
  const { provider, nsfw, sfw, commercial, favorites, ...same } = options
  const source = provider === 'hf' ? 'huggingface' : provider
  return {
    ...same,
    q: words.length > 0 ? words.join(' ') : undefined,
    sources: source === undefined || source === 'all' ? undefined : [source],
    maxNsfw: sfw ? 'pg' : nsfw,
    commercialUse: commercial,
    favorite: favorites,
  }
}

export function showSearch({ out }: Context, page: SearchPage): void {
  if (out.json) return out.printJson({ ...page, nextCursor: page.nextCursor ?? null })
  out.list(page, cardColumns)
  for (const { source, state, message } of page.sources) {
    if (state === 'failed') out.note(`${source} did not answer: ${message ?? 'nobody knows why'}`)
  }
  if (page.didYouMean) out.note(`Did you mean: ${page.didYouMean}`)
  for (const name of ['type', 'family', 'source'] as const) {
    const values = page.facets?.[name] ?? []
    if (values.length > 0) {
      out.note(`${name}: ${values.map(({ value, count }) => `${value} (${count})`).join(', ')}`)
    }
  }
}

const examples = `
Examples:
  easel search castle --type lora --base sdxl --sort downloads
  easel search --provider hf --task text-to-image --limit 10
  easel search wan --json | jq -r '.items[] | "\\(.source):\\(.id)"'`
