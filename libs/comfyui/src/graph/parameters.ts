import { isLink, type Graph, type GraphNode, type GraphValue } from './graph.ts'
import { defaultOf, inputSpecsOf, type Choice, type InputSpec } from './input-spec.ts'
import { isModelName, modelFolderOf } from './model-folders.ts'
import { nodeInfoOf, type NodeInfo, type ObjectInfo } from './object-info.ts'
import { promptRoles, type PromptRole } from './prompt-roles.ts'

export type ParameterControl =
  | 'text'
  | 'multiline'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'choice'
  | 'seed'
  | 'color'
  | 'image'
  | 'video'
  | 'audio'
  | 'file'
  | 'model'
  | 'json'

export type ParameterRole = PromptRole | 'seed' | 'steps' | 'width' | 'height' | 'batch' | 'cfg' | 'denoise'

export type GraphParameter = {
  /** `<node id>.<input name>`: the key for `applyOverrides`. */
  key: string
  nodeId: string
  input: string
  classType: string
  /** Title of the node, else the display name of its class. */
  nodeTitle: string
  label: string
  control: ParameterControl
  /** What the graph has, else the default. */
  value: GraphValue
  default?: GraphValue
  /** `bigint` where a bound is beyond 2^53. */
  min?: number | bigint
  max?: number | bigint
  step?: number
  choices?: readonly Choice[]
  /** Several of the choices at once, given as `{"__value__": […]}`. */
  multiple?: boolean
  tooltip?: string
  /** ComfyUI's page hides it at first. */
  advanced: boolean
  /** May the input be left out? */
  optional: boolean
  role?: ParameterRole
}

/** The inputs a form can edit, nodes in graph order, inputs in the order of the class. Linked ones are absent. */
export function parametersOf(graph: Graph, objectInfo: ObjectInfo): GraphParameter[] {
  const roles = promptRoles(graph, objectInfo)
  return Object.entries(graph).flatMap(([nodeId, node]) => {
    const info = nodeInfoOf(objectInfo, node.class_type)
    const found = info ? ofKnownClass(node, info) : ofUnknownClass(node)
    return found.map((parameter) => {
      const key = `${nodeId}.${parameter.input}`
      const nodeTitle = node._meta?.title || info?.display_name || node.class_type
      const role = roles.get(key) ?? roleByName(parameter)
      return { key, nodeId, classType: node.class_type, nodeTitle, ...parameter, role }
    })
  })
}

type InputPart = Omit<GraphParameter, 'key' | 'nodeId' | 'classType' | 'nodeTitle' | 'role'>

function ofKnownClass(node: GraphNode, info: NodeInfo): InputPart[] {
  return inputSpecsOf(info, node.inputs).flatMap((spec) => {
    const given = Object.hasOwn(node.inputs, spec.name) ? node.inputs[spec.name] : undefined
    if (spec.options.hidden && given === undefined) return []
    if (Array.isArray(given) || (spec.kind === 'socket' && given === undefined)) return []
    const { options } = spec
    const fallback = defaultOf(spec)
    return [
      {
        input: spec.name,
        label: typeof options.display_name === 'string' ? options.display_name : spec.name,
        control: spec.kind === 'socket' ? controlOfValue(given!) : controlOf(spec, node.class_type),
        value: given ?? fallback ?? null,
        default: fallback,
        min: bound(options.min),
        max: bound(options.max),
        step: typeof options.step === 'number' ? options.step : undefined,
        choices: spec.choices,
        multiple: options.multiselect === true || undefined,
        tooltip: typeof options.tooltip === 'string' ? options.tooltip : undefined,
        advanced: options.advanced === true,
        optional: !spec.required,
      },
    ]
  })
}

/** Without the class, its values are all there is to go by. */
function ofUnknownClass(node: GraphNode): InputPart[] {
  return Object.entries(node.inputs).flatMap(([input, value]) => {
    if (isLink(value)) return []
    const isSeed = isSeedName(input) && (typeof value === 'number' || typeof value === 'bigint')
    const control = isSeed ? 'seed' : controlOfValue(value)
    return [{ input, label: input, control, value, advanced: false, optional: false }]
  })
}

function controlOf(spec: InputSpec, classType: string): ParameterControl {
  const { kind, name, options } = spec
  switch (kind) {
    case 'INT':
      return options.control_after_generate || isSeedName(name) ? 'seed' : 'integer'
    case 'FLOAT':
      return 'number'
    case 'BOOLEAN':
      return 'boolean'
    case 'COLOR':
      return 'color'
    case 'STRING':
      return options.multiline ? 'multiline' : 'text'
    case 'COMBO':
      return choiceControl(spec, classType)
    case 'DYNAMIC_COMBO':
      return 'choice'
    case 'socket':
      return 'json'
  }
}

function choiceControl({ name, options, choices = [] }: InputSpec, classType: string): ParameterControl {
  if (options.image_upload) return 'image'
  if (options.video_upload) return 'video'
  if (options.audio_upload) return 'audio'
  if (options.file_upload) return 'file'
  const files = choices.some((choice) => typeof choice === 'string' && isModelName(choice))
  return files || modelFolderOf(classType, name) !== undefined ? 'model' : 'choice'
}

function controlOfValue(value: GraphValue): ParameterControl {
  if (typeof value === 'string') return value.length > 80 || value.includes('\n') ? 'multiline' : 'text'
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'bigint') return 'integer'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return 'json'
}

const namedRoles: Readonly<Record<string, ParameterRole>> = {
  steps: 'steps',
  cfg: 'cfg',
  denoise: 'denoise',
  width: 'width',
  height: 'height',
  batch_size: 'batch',
}

function roleByName({ input, control }: InputPart): ParameterRole | undefined {
  if (control === 'seed') return 'seed'
  if (control !== 'integer' && control !== 'number') return undefined
  const name = input.slice(input.lastIndexOf('.') + 1)
  return Object.hasOwn(namedRoles, name) ? namedRoles[name] : undefined
}

const isSeedName = (name: string) => /(^|[._])(noise_)?seed$/.test(name)

function bound(value: unknown): number | bigint | undefined {
  return typeof value === 'number' || typeof value === 'bigint' ? value : undefined
}
