import { classesOf, detectFormat, modelsOf, parametersOf, readGraph, validateGraph } from '@easel/comfyui'
import { parseJson } from '@easel/protocol'
import type { Graph, GraphParameter, ObjectInfo } from '@easel/comfyui'
import type {
  GetWorkflow,
  GraphJson,
  ParameterControl,
  ParameterView,
  WorkflowAnalysis,
} from '@easel/contracts'
import type { Actor } from '@easel/protocol'
import { graphLimits } from '../jobs/graph-check.ts'
import type { PoolDefinitions } from '../workers/pool-definitions.ts'
import type { WorkflowsService } from './workflows.service.ts'

/** What can be said of a graph without running it, with the definitions of the workers that are there. */
export class AnalysisService {
  constructor(
    private readonly workflows: WorkflowsService,
    private readonly pools: PoolDefinitions,
  ) {}

  async ofWorkflow(actor: Actor, input: GetWorkflow): Promise<WorkflowAnalysis> {
    const { graph } = await this.workflows.getVersion(actor, input)
    return this.ofDocument(parseJson(graph))
  }

  async ofDocument(document: unknown): Promise<WorkflowAnalysis> {
    const infos = await this.pools.infosOf()
    if (detectFormat(document) === 'ui') {
      const message = 'A workflow as the ComfyUI page saves it. Open it in ComfyUI and use “Export (API)”.'
      const nothing = { graph: null, parameters: [], missingNodes: [], models: [] }
      return { format: 'ui', ...nothing, faults: [{ path: 'workflow', message }], live: infos.length > 0 }
    }
    const { graph } = readGraph(document, graphLimits)
    const info = bestFor(graph, infos)
    const check = info ? validateGraph(graph, info) : undefined
    return {
      format: 'api',
      graph: graph as GraphJson,
      parameters: parametersOf(graph, info ?? {}).map(toParameterView),
      missingNodes: check?.missingClasses ?? [],
      models: [...new Set(modelsOf(graph, info).map(({ filename }) => filename))],
      faults: check?.faults ?? [],
      live: info !== undefined,
    }
  }
}

/** Of workers that differ, the one that has most of the graph's classes. */
function bestFor(graph: Graph, infos: readonly ObjectInfo[]): ObjectInfo | undefined {
  const classes = classesOf(graph)
  const has = (info: ObjectInfo) => classes.filter((name) => Object.hasOwn(info, name)).length
  return infos.reduce<ObjectInfo | undefined>(
    (best, info) => (best && has(best) >= has(info) ? best : info),
    undefined,
  )
}

const controls: Record<GraphParameter['control'], ParameterControl> = {
  text: 'text',
  multiline: 'multiline',
  integer: 'integer',
  number: 'float',
  boolean: 'boolean',
  choice: 'select',
  seed: 'seed',
  color: 'text',
  image: 'image',
  video: 'file',
  audio: 'file',
  file: 'file',
  model: 'select',
  json: 'multiline',
}

function toParameterView(parameter: GraphParameter): ParameterView {
  return {
    key: parameter.key,
    node: parameter.nodeId,
    nodeClass: parameter.classType,
    nodeTitle: parameter.nodeTitle,
    input: parameter.input,
    label: parameter.label,
    control: controls[parameter.control],
    role: parameter.control === 'model' ? 'model' : (parameter.role ?? null),
    value: parameter.value,
    default: parameter.default,
    choices: parameter.choices ? [...parameter.choices] : null,
    // The contract says number; a bound beyond 2^53 is written with all its digits.
    min: (parameter.min as number | undefined) ?? null,
    max: (parameter.max as number | undefined) ?? null,
    step: parameter.step ?? null,
    help: parameter.tooltip ?? null,
  }
}
