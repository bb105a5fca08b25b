import type { SessionView } from '@easel/client'
import { Option } from 'commander'
import type { Column } from '../output/table.ts'
import { formatAge } from '../output/units.ts'
import type { Program } from './context.ts'
import { pageOptions, type PageOptions } from './page-options.ts'

const columns: readonly Column<SessionView>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'KIND', value: ({ kind }) => kind },
  { title: 'TITLE', value: ({ title }) => title, flexible: true },
  { title: 'ASSETS', value: ({ assetCount }) => assetCount, side: 'right' },
  { title: 'CHANGED', value: ({ updatedAt }) => formatAge(updatedAt) },
]

const kinds: readonly SessionView['kind'][] = ['image', 'video', 'bulk', 'workflow']

export function addSessions({ root, act }: Program): void {
  const sessions = root
    .command('sessions')
    .summary('look at sessions')
    .description('Look at sessions.')
    .addHelpText('after', '\nExamples:\n  easel sessions list\n  easel run portrait.json --session 0193…')

  pageOptions(sessions.command('list').description('List sessions.'))
    .addOption(new Option('--kind <kind>').choices(kinds))
    .action(
      act(async (context, { limit, cursor, kind }: PageOptions & { kind?: SessionView['kind'] }) => {
        context.out.list(await (await context.api()).sessions.list({ limit, cursor, kind }), columns)
      }),
    )
}
