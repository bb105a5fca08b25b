import type { KeyView } from '@easel/client'
import { Option } from 'commander'
import type { Column } from '../output/table.ts'
import { formatAge } from '../output/units.ts'
import type { Program } from './context.ts'
import { pageOptions, type PageOptions } from './page-options.ts'

type Scope = KeyView['scopes'][number]
const scopes: readonly Scope[] = [
  'jobs:read',
  'jobs:write',
  'assets:read',
  'assets:write',
  'models:read',
  'models:write',
  'admin',
]

const columns: readonly Column<KeyView>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'NAME', value: ({ name }) => name, flexible: true },
  { title: 'KEY', value: ({ hint }) => hint },
  { title: 'SCOPES', value: ({ scopes: given }) => given.join(' '), flexible: true, optional: true },
  { title: 'CREATED', value: ({ createdAt }) => formatAge(createdAt), optional: true },
  { title: 'USED', value: ({ lastUsedAt }) => formatAge(lastUsedAt), optional: true },
  { title: 'STATE', value: stateOf },
]

export function addKeys({ root, act }: Program): void {
  const keys = root
    .command('keys')
    .summary('make and revoke API keys')
    .description('Make and revoke API keys.')
    .addHelpText('after', examples)

  pageOptions(keys.command('list').description('List your API keys.')).action(
    act(async (context, { limit, cursor }: PageOptions) => {
      context.out.list(await (await context.api()).keys.list({ limit, cursor }), columns)
    }),
  )
  keys
    .command('create')
    .description('Make a key and print it; it is shown only now.')
    .requiredOption('--name <name>', 'what it is for')
    .addOption(new Option('--scope <scope...>', 'what it may do; all you may when left out').choices(scopes))
    .option('--expires <time>', 'ISO time')
    .action(
      act(async (context, options: { name: string; scope?: Scope[]; expires?: string }) => {
        const { name, scope, expires } = options
        const key = await (await context.api()).keys.create({ name, scopes: scope, expiresAt: expires })
        context.out.show(key, () => [key.key])
      }),
    )
  keys
    .command('revoke')
    .description('Revoke keys: they stop working at once.')
    .argument('<id...>')
    .action(
      act(async (context, ids: string[]) => {
        const api = await context.api()
        for (const id of ids) await api.keys.revoke(id)
        if (context.out.json) context.out.printJson({ revoked: ids })
      }),
    )
}

function stateOf({ revokedAt, expiresAt }: KeyView): string {
  if (revokedAt) return 'revoked'
  return expiresAt ? `until ${expiresAt.slice(0, 10)}` : 'valid'
}

const examples = `
Examples:
  easel keys create --name ci --scope jobs:write jobs:read assets:read
  easel keys revoke 0193…`
