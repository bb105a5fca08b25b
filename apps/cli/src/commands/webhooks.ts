import { Option } from 'commander'
import type { DeliveryDetails, DeliveryView, NewWebhook, WebhookView } from '@easel/client'
import type { Column } from '../output/table.ts'
import { formatAge } from '../output/units.ts'
import type { Context, Program } from './context.ts'
import { pageOptions, type PageOptions } from './page-options.ts'

const columns: readonly Column<WebhookView>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'URL', value: ({ url }) => url ?? '(of each job)', flexible: true },
  { title: 'EVENTS', value: ({ events }) => events.join(' '), flexible: true, optional: true },
  { title: 'STATE', value: stateOf },
  { title: 'CREATED', value: ({ createdAt }) => formatAge(createdAt), optional: true },
]

const deliveryColumns: readonly Column<DeliveryView>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'EVENT', value: ({ type }) => type },
  { title: 'ABOUT', value: ({ subject }) => subject, optional: true },
  { title: 'STATUS', value: ({ status }) => status },
  { title: 'TRIES', value: ({ attempts }) => attempts, side: 'right' },
  { title: 'LAST', value: lastOf },
  { title: 'CREATED', value: ({ createdAt }) => formatAge(createdAt), optional: true },
]

type Target = { url?: string; event?: string[]; description?: string }

export function addWebhooks(program: Program): void {
  const { root, act } = program
  const webhooks = root
    .command('webhooks')
    .summary('have events sent to a URL')
    .description('Have events of a space sent to a URL: signed, in order per job, and again for a day.')
    .addHelpText('after', examples)

  pageOptions(webhooks.command('list').description('List webhooks.'))
    .option('--space <id>', 'of this space only')
    .action(
      act(async (context, { limit, cursor, space: spaceId }: PageOptions & { space?: string }) => {
        context.out.list(await (await context.api()).webhooks.list({ limit, cursor, spaceId }), columns)
      }),
    )
  webhooks
    .command('create')
    .description('Make a webhook and print its secret; it is shown only now.')
    .argument('[url]', 'where to; left out with --job-urls')
    .option(
      '--event <pattern...>',
      'types such as job.failed, groups such as job.*, or *; how jobs end when left out',
    )
    .option('--description <text>')
    .option('--space <id>', 'of this space; your personal one when left out')
    .option('--job-urls', 'the secret for URLs that jobs name themselves')
    .action(
      act(
        async (context, url: string | undefined, options: Target & { space?: string; jobUrls?: boolean }) => {
          const { event: events, description, space: spaceId, jobUrls } = options
          const kind = jobUrls ? ('job-urls' as const) : undefined
          const { webhooks: api } = await context.api()
          showSecret(context, await api.create({ url, kind, events, description, spaceId }))
        },
      ),
    )
  webhooks
    .command('update')
    .description('Change a webhook, or switch it off and on.')
    .argument('<id>')
    .option('--url <url>')
    .option('--event <pattern...>')
    .option('--description <text>')
    .option('--on', 'switch it on')
    .addOption(new Option('--off', 'switch it off: what is under way to it ends as failed').conflicts('on'))
    .action(
      act(async (context, id: string, options: Target & { on?: true; off?: true }) => {
        const { url, event: events, description, on, off } = options
        const enabled = on ?? (off ? false : undefined)
        const { webhooks: api } = await context.api()
        const webhook = await api.update(id, { url, events, description, enabled })
        context.out.show(webhook, (shown) => [`${shown.id} ${stateOf(shown)}`])
      }),
    )
  webhooks
    .command('delete')
    .alias('rm')
    .description('Remove webhooks and what they were to be sent.')
    .argument('<id...>')
    .action(
      act(async (context, ids: string[]) => {
        const { webhooks: api } = await context.api()
        for (const id of ids) await api.delete(id)
        if (context.out.json) context.out.printJson({ removed: ids })
      }),
    )
  webhooks
    .command('rotate')
    .description('Print a new secret; for 24 hours the one before it signs as well.')
    .argument('<id>')
    .action(
      act(async (context, id: string) =>
        showSecret(context, await (await context.api()).webhooks.rotateSecret(id)),
      ),
    )
  addDeliveries(program, webhooks)
}

function addDeliveries({ act }: Program, webhooks: Program['root']): void {
  webhooks
    .command('test')
    .description('Send a webhook.test, and print the id of its delivery.')
    .argument('<id>')
    .action(
      act(async (context, id: string) => {
        context.out.show(await (await context.api()).webhooks.test(id), (delivery) => [delivery.id])
      }),
    )
  pageOptions(webhooks.command('deliveries').description('List what was sent or will be.'))
    .argument('<id>')
    .addOption(new Option('--status <status>').choices(['pending', 'delivered', 'failed']))
    .action(
      act(async (context, id: string, options: PageOptions & StatusOption) => {
        context.out.list(await (await context.api()).webhooks.deliveries(id, options), deliveryColumns)
      }),
    )
  webhooks
    .command('delivery')
    .description('Show a delivery with its attempts.')
    .argument('<id>')
    .argument('<delivery>')
    .action(
      act(async (context, id: string, deliveryId: string) => {
        context.out.show(await (await context.api()).webhooks.delivery(id, deliveryId), linesOf)
      }),
    )
  webhooks
    .command('redeliver')
    .description('Send deliveries again, now; each keeps its id.')
    .argument('<id>')
    .argument('<delivery...>')
    .action(
      act(async (context, id: string, deliveryIds: string[]) => {
        const { webhooks: api } = await context.api()
        const items: DeliveryView[] = []
        for (const deliveryId of deliveryIds) items.push(await api.redeliver(id, deliveryId))
        if (context.out.json) context.out.printJson({ items, nextCursor: null })
      }),
    )
}

function linesOf({ type, subject, status, log }: DeliveryDetails): string[] {
  return [
    `${type} ${subject} ${status}`,
    ...log.map(({ number, at, status: answer, error, durationMs }) =>
      [number, at, answer ?? '', error ?? 'OK', `${durationMs} ms`].join('  '),
    ),
  ]
}

type StatusOption = { status?: 'pending' | 'delivered' | 'failed' }

/** The secret alone on stdout, ready for a file or a variable. */
function showSecret({ out }: Context, webhook: NewWebhook): void {
  out.show(webhook, ({ secret }) => [secret])
  if (!out.json) out.note(`This is the secret of webhook ${webhook.id}. It is not shown again.`)
}

function stateOf({ enabled, disabledReason, failingSince }: WebhookView): string {
  if (!enabled) return `off (${disabledReason ?? 'BY_USER'})`
  return failingSince ? `failing, first ${formatAge(failingSince)}` : 'on'
}

function lastOf({ lastStatus, lastError }: DeliveryView): string {
  return String(lastStatus ?? lastError ?? '')
}

const examples = `
Examples:
  easel webhooks create https://example.org/hook --event 'job.*' > secret.txt
  easel webhooks deliveries 0193… --status failed --json | jq -r '.items[].id' | xargs easel webhooks redeliver 0193…`
