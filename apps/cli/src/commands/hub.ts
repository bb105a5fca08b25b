import type { AdoptedFiles, HubFileView, HubStatus, TokenView } from '@easel/client'
import { Argument, Option } from 'commander'
import { formatFacts, type Column } from '../output/table.ts'
import { formatAge, formatBytes } from '../output/units.ts'
import { exitCodes } from '../exit-codes.ts'
import type { Program } from './context.ts'
import { pageOptions, type PageOptions } from './page-options.ts'

const columns: readonly Column<HubFileView>[] = [
  { title: 'SHA-256', value: ({ sha256 }) => sha256 },
  { title: 'STATE', value: ({ state, pinned }) => (pinned ? `${state}, pinned` : state) },
  { title: 'SIZE', value: ({ bytes }) => formatBytes(bytes), side: 'right' },
  { title: 'USED', value: ({ usedAt }) => formatAge(usedAt), optional: true },
  { title: 'NAMES', value: ({ paths }) => paths.join('  '), flexible: true },
]

const adoptedColumns: readonly Column<AdoptedFiles['items'][number]>[] = [
  { title: 'OUTCOME', value: ({ outcome }) => outcome },
  { title: 'FREED', value: ({ bytesFreed }) => formatBytes(bytesFreed), side: 'right' },
  { title: 'PATH', value: ({ path }) => path, flexible: true },
  { title: 'PROBLEM', value: ({ problem }) => problem, flexible: true, optional: true },
]

const tokenColumns: readonly Column<TokenView>[] = [
  { title: 'SOURCE', value: ({ source }) => source },
  { title: 'TOKEN', value: ({ hasToken, hint }) => (hasToken ? `…${hint ?? ''}` : 'none') },
  { title: 'SET', value: ({ updatedAt }) => formatAge(updatedAt) },
]

export function addHub(program: Program): void {
  const { root, act } = program
  const hub = root
    .command('hub')
    .summary('look after the store of model files')
    .description('The store behind the models folders: each content once. Admins only.')
  hub
    .command('status', { isDefault: true })
    .description('Say how much it holds, saves and may take.')
    .action(
      act(async (context) => {
        context.out.show(await (await context.api()).hub.status(), statusLines)
      }),
    )
  pageOptions(hub.command('files').description('List contents and the names that are links to them.'))
    .addOption(new Option('--state <state>').choices(['present', 'evicted', 'bad', 'lost']))
    .action(
      act(async (context, { limit, cursor, state }: PageOptions & { state?: HubFileView['state'] }) => {
        context.out.list(await (await context.api()).hub.files({ limit, cursor, state }), columns)
      }),
    )
  hub
    .command('verify')
    .description('Hash contents again, in the background; all of them, unless some are named.')
    .argument('[sha256...]')
    .action(
      act(async (context, hashes: string[]) => {
        const { hub: api } = await context.api()
        context.out.show(await api.verify(hashes.length > 0 ? { sha256: hashes } : {}), statusLines)
      }),
    )
  hub
    .command('adopt')
    .description('Take files of the library into the hub: each becomes a link, and equal ones are kept once.')
    .argument('<path...>', 'below the models folder')
    .option('--dry-run', 'only say what would come of it')
    .action(
      act(async (context, paths: string[], { dryRun }: { dryRun?: boolean }) => {
        const adopted = await (await context.api()).hub.adopt({ paths, dryRun })
        context.out.list(adopted, adoptedColumns)
        return adopted.items.some(({ outcome }) => outcome === 'failed') ? exitCodes.failed : exitCodes.ok
      }),
    )
  const changes = [
    ['pin', 'Keep a content, whatever the budget says.'],
    ['unpin', 'Let a content go when room is needed.'],
    ['evict', 'Delete a content that nothing uses; it can be fetched again.'],
  ] as const
  for (const [name, description] of changes) {
    hub
      .command(name)
      .description(description)
      .argument('<sha256>')
      .action(
        act(async (context, sha256: string) => {
          const file = await (await context.api()).hub[name](sha256)
          context.out.show(file, ({ state, pinned }) => [`${sha256}  ${pinned ? `${state}, pinned` : state}`])
        }),
      )
  }
  addTokens(program)
}

const source = () => new Argument('<source>').choices(['civitai', 'huggingface'])

function addTokens({ root, act }: Program): void {
  const tokens = root
    .command('tokens')
    .summary('keep the tokens of CivitAI and Hugging Face')
    .description(
      'Tokens for gated and early models, for the whole server; they go in and never come out. Admins only.',
    )
    .addHelpText('after', '\nExample:\n  pass show civitai | easel tokens set civitai')
  tokens
    .command('list', { isDefault: true })
    .description('Say for which sources there is one.')
    .action(
      act(async (context) => {
        context.out.list(await (await context.api()).tokens.list(), tokenColumns)
      }),
    )
  tokens
    .command('set')
    .description('Keep a token; it is asked for, or the first line of stdin.')
    .addArgument(source())
    .action(
      act(async (context, name: TokenView['source']) => {
        const { readSecret } = await import('../terminal/ask.ts')
        const token = await readSecret(context.terminal, `Token of ${name}: `)
        const kept = await (await context.api()).tokens.set(name, token)
        context.out.show(kept, ({ hint }) => [`${name}  …${hint ?? ''}`])
      }),
    )
  tokens
    .command('remove')
    .alias('rm')
    .description('Forget a token.')
    .addArgument(source())
    .action(
      act(async (context, name: TokenView['source']) => {
        await (await context.api()).tokens.remove(name)
        if (context.out.json) context.out.printJson({ removed: [name] })
      }),
    )
}

function statusLines(status: HubStatus): string[] {
  const { files, bytes, bytesLinked, budgetBytes, freeBytes, bad, verifying, verifiedAt } = status
  return formatFacts([
    ['contents', files],
    ['size', formatBytes(bytes)],
    ['saved', formatBytes(Math.max(0, bytesLinked - bytes))],
    ['budget', budgetBytes ? formatBytes(budgetBytes) : 'none'],
    ['free', formatBytes(freeBytes)],
    ['bad', bad],
    ['verified', verifying ? 'under way' : formatAge(verifiedAt)],
  ])
}
