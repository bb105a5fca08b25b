import { newId } from '@easel/protocol'
import type { FetchedNeeds, NeedsView } from '@easel/client'
import type { Context } from '../commands/context.ts'
import type { NeedsOptions } from './needs-options.ts'
import { follow } from '../downloads/add-download.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import type { Column } from '../output/table.ts'
import { formatBytes, formatPercent } from '../output/units.ts'
import { readWorkflow } from '../run/read-workflow.ts'

type Need = NeedsView['files'][number]

const columns: readonly Column<Need>[] = [
  {
    title: 'STATE',
    value: ({ state, progress }) => (progress ? `${state} ${formatPercent(progress)}` : state),
  },
  { title: 'FOLDER', value: ({ folder }) => folder },
  { title: 'NAME', value: ({ name }) => name, flexible: true },
  {
    title: 'SIZE',
    value: ({ bytes, sources }) => formatBytes(bytes ?? sources[0]?.file.bytes),
    side: 'right',
  },
  { title: 'LICENCE', value: ({ sources }) => sources[0]?.licence?.name, optional: true },
  { title: 'FROM', value: fromOf, flexible: true, optional: true },
]

export async function checkNeeds(context: Context, file: string, options: NeedsOptions): Promise<ExitCode> {
  const { out } = context
  const { graph, ui } = await readWorkflow(file)
  // The UI format has the entries that say where a model comes from.
  const workflow = ui ?? graph
  const api = await context.api()
  const { offline, only: names } = options
  if (!options.fetch) {
    const needs = await api.models.needs(workflow, { offline })
    if (out.json) out.printJson(needs)
    else show(context, needs)
    return needs.complete ? exitCodes.ok : exitCodes.failed
  }
  const fetched = await api.models.fetchNeeds({ workflow, offline, names }, { idempotencyKey: newId() })
  const { needs, download, unfetched } = fetched
  if (options.wait === false || !download) return tell(context, fetched)
  if (!out.json) show(context, needs)
  await follow(context, download)
  for (const name of unfetched) out.note(`${name} was not fetched`)
  return unfetched.length > 0 ? exitCodes.failed : exitCodes.ok
}

function tell(context: Context, fetched: FetchedNeeds): ExitCode {
  const { needs, download, unfetched } = fetched
  if (context.out.json) context.out.printJson(fetched)
  else if (download) context.out.print(download.id)
  else show(context, needs)
  return unfetched.length > 0 ? exitCodes.failed : exitCodes.ok
}

function show({ out }: Context, { files, complete, missingBytes }: NeedsView): void {
  out.list({ items: files }, columns)
  for (const { name, problem, similar } of files) {
    if (problem) out.note(`${name}: ${problem}`)
    if (similar.length > 0) out.note(`${name}: the library has ${similar.join(', ')}`)
  }
  if (!complete && missingBytes > 0) out.note(`${formatBytes(missingBytes)} to fetch`)
}

function fromOf({ sources: [best] }: Need): string {
  if (!best) return ''
  return best.file.title ?? hostOf(best.file.urls[0]) ?? best.foundBy
}

function hostOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).host : undefined
}
