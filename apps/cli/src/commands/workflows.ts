import { stringifyJson } from '@easel/protocol'
import type { ParameterView, WorkflowAnalysis, WorkflowView } from '@easel/client'
import { formatTable, type Column } from '../output/table.ts'
import { formatAge } from '../output/units.ts'
import { wholeNumber } from '../run/values.ts'
import type { Program } from './context.ts'
import { pageOptions, type PageOptions } from './page-options.ts'

const columns: readonly Column<WorkflowView>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'NAME', value: ({ name }) => name, flexible: true },
  { title: 'VERSION', value: ({ version }) => version, side: 'right' },
  { title: 'CHANGED', value: ({ updatedAt }) => formatAge(updatedAt) },
]

const parameterColumns: readonly Column<ParameterView>[] = [
  { title: 'KEY', value: ({ key }) => key },
  { title: 'NODE', value: ({ nodeTitle }) => nodeTitle, flexible: true },
  { title: 'KIND', value: ({ control }) => control },
  { title: 'ROLE', value: ({ role }) => role },
  { title: 'VALUE', value: ({ value }) => shortValue(value), flexible: true },
]

export function addWorkflows({ root, act }: Program): void {
  const workflows = root
    .command('workflows')
    .summary('keep workflows and look into them')
    .description('Keep workflows and look into them.')
    .addHelpText('after', examples)

  pageOptions(workflows.command('list').description('List the workflows that are kept.'))
    .option('--query <words>', 'part of the name')
    .action(
      act(async (context, { limit, cursor, query: q }: PageOptions & { query?: string }) => {
        context.out.list(await (await context.api()).workflows.list({ limit, cursor, q }), columns)
      }),
    )
  workflows
    .command('show')
    .description('Show a workflow; with --json its graph too.')
    .argument('<id>')
    .option('--at <n>', 'this version, not the newest', wholeNumber('--at', { min: 1, max: 1e9 }))
    .action(
      act(async (context, id: string, { at }: { at?: number }) => {
        const { out } = context
        const workflow = await (await context.api()).workflows.get(id, at)
        if (out.json) return out.printJson(workflow)
        out.facts([
          ['id', workflow.id],
          ['name', workflow.name],
          ['description', workflow.description],
          ['version', workflow.version],
          ['nodes', Object.keys(workflow.graph ?? {}).length],
          ['created', workflow.createdAt],
          ['changed', workflow.updatedAt],
        ])
      }),
    )
  workflows
    .command('save')
    .description('Keep a workflow: API-format JSON, or a file that ComfyUI made. Prints its id.')
    .argument('<file>')
    .requiredOption('--name <name>', 'what it is called')
    .option('--description <text>')
    .action(
      act(async (context, file: string, { name, description }: { name: string; description?: string }) => {
        const { readWorkflow } = await import('../run/read-workflow.ts')
        const { graph } = await readWorkflow(file)
        const workflow = await (await context.api()).workflows.create({ name, description, graph })
        context.out.show(workflow, ({ id }) => [id])
      }),
    )
  workflows
    .command('delete')
    .alias('rm')
    .description('Remove workflows; their jobs stay.')
    .argument('<id...>')
    .action(
      act(async (context, ids: string[]) => {
        const api = await context.api()
        for (const id of ids) await api.workflows.delete(id)
        if (context.out.json) context.out.printJson({ removed: ids })
      }),
    )
  workflows
    .command('params')
    .description('List the inputs of a kept workflow that can be set.')
    .argument('<id>')
    .action(
      act(async (context, id: string) => {
        const analysis = await (await context.api()).workflows.parameters(id)
        context.out.show(analysis, (found) => analysisLines(found, context.out.columns))
      }),
    )
  workflows
    .command('inspect')
    .description('Say what a workflow in a file needs and which inputs can be set; nothing is kept.')
    .argument('<file>')
    .action(
      act(async (context, file: string) => {
        const { readWorkflow } = await import('../run/read-workflow.ts')
        const { graph } = await readWorkflow(file)
        const analysis = await (await context.api()).workflows.inspect(graph)
        context.out.show(analysis, (found) => analysisLines(found, context.out.columns))
      }),
    )
}

function analysisLines(
  { parameters, missingNodes, models, faults, live }: WorkflowAnalysis,
  columns?: number,
): string[] {
  return [
    ...formatTable(parameters, parameterColumns, { columns }),
    ...(models.length > 0 ? ['', `Models: ${models.join(', ')}`] : []),
    ...(missingNodes.length > 0 ? ['', `No worker has: ${missingNodes.join(', ')}`] : []),
    ...(faults.length > 0
      ? ['', 'Faults', ...faults.map(({ path, message }) => `  ${path}: ${message}`)]
      : []),
    ...(live ? [] : ['', 'No worker was there to ask: judged by the built-in node definitions.']),
  ]
}

function shortValue(value: unknown): string {
  return typeof value === 'string' ? value : stringifyJson(value)
}

const examples = `
Examples:
  easel workflows save portrait.json --name portrait
  easel workflows params 0193…
  easel workflows inspect ComfyUI_00001_.png --json | jq '.models'`
