import { nsfwLevels } from '@easel/client'
import type { LoraView } from '@easel/client'
import { Option } from 'commander'
import type { Column } from '../output/table.ts'
import { formatBytes, formatPercent } from '../output/units.ts'
import { writeLoraName } from '../collections/lora-name.ts'
import type { Program } from './context.ts'
import { pageOptions, type PageOptions } from './page-options.ts'

const columns: readonly Column<LoraView>[] = [
  { title: 'LORA', value: writeLoraName },
  { title: 'TITLE', value: ({ title }) => title, flexible: true },
  { title: 'BASE', value: ({ family, baseModel }) => family ?? baseModel, optional: true },
  { title: 'ORIGIN', value: ({ origin }) => origin },
  {
    title: 'STATE',
    value: ({ state, progress }) => (progress ? `${state} ${formatPercent(progress)}` : state),
  },
  { title: 'TRIGGER', value: ({ triggerWords }) => triggerWords.join(', '), flexible: true, optional: true },
  { title: 'SIZE', value: ({ bytes }) => formatBytes(bytes), side: 'right', optional: true },
]

const origins: readonly LoraView['origin'][] = ['preset', 'downloaded', 'local', 'catalogue']

type Filters = PageOptions & {
  for?: string
  query?: string
  origin?: LoraView['origin'][]
  installed?: boolean
  nsfw?: (typeof nsfwLevels)[number]
}

export function addLoras({ root, act }: Program): void {
  pageOptions(root.command('loras'))
    .summary('LoRAs: here, in bundles, and known of the sources')
    .description(
      'List LoRAs: what is here first, then those of bundles, favourites, and the rest that is known.',
    )
    .option(
      '--for <family or checkpoint>',
      'only those that it loads: sdxl, flux1-dev, dreamshaper.safetensors, …',
    )
    .option('--query <text>', 'words of names and trigger words')
    .addOption(new Option('--origin <origin...>', 'where they are known from').choices(origins))
    .option('--installed', 'only what is here')
    .option('--no-installed', 'only what is not')
    .addOption(new Option('--nsfw <level>', 'pictures up to this level').choices(nsfwLevels))
    .addHelpText(
      'after',
      '\nExamples:\n  easel loras --for sdxl --installed\n  easel loras --query castle --json',
    )
    .action(
      act(async (context, { query: q, nsfw: maxNsfw, ...same }: Filters) => {
        const { loras } = await context.api()
        const page = await loras.list({ ...same, q, maxNsfw })
        context.out.list(page, columns)
        if (page.for && !page.for.family && !context.out.json)
          context.out.note(`The family of ${page.for.name} is not known: nothing is left out`)
      }),
    )
}
