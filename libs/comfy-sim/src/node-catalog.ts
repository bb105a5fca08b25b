import { readdirSync } from 'node:fs'
import table from './object-info.json' with { type: 'json' }
import { isRecord } from './json.ts'
import type { NodeTable, SimNode } from './node.ts'
import type { Settings } from './options.ts'
import type { OutputFolder } from './output-files.ts'

export type InputConfig = readonly [
  type: string | readonly unknown[],
  options?: Readonly<Record<string, unknown>>,
]
type InputGroup = Readonly<Record<string, InputConfig>>
export type NodeInfo = {
  input: { required?: InputGroup; optional?: InputGroup; hidden?: unknown }
  output: readonly string[]
  output_node: boolean
} & Readonly<Record<string, unknown>>

/** One declared input. `name` is dotted for the inner inputs of a dynamic combo; `short` is its last part. */
export type InputSpec = { name: string; short: string; config: InputConfig; required: boolean }

export type NodeDefinition = {
  classType: string
  info: NodeInfo
  node: SimNode
  inputs: readonly InputSpec[]
  dynamic: boolean
}

/** Nodes that come together; stock ones are described by the recording. */
export type Pack = { nodes: NodeTable; info?: Readonly<Record<string, NodeInfo>> }

const recorded = table as unknown as Readonly<Record<string, NodeInfo>>

/** Combos filled from a model folder. */
const modelCombos: Readonly<Record<string, string>> = {
  ckpt_name: 'checkpoints',
  lora_name: 'loras',
  vae_name: 'vae',
  unet_name: 'diffusion_models',
  clip_name: 'text_encoders',
  clip_name1: 'text_encoders',
  clip_name2: 'text_encoders',
  clip_name3: 'text_encoders',
  control_net_name: 'controlnet',
  model_name: 'upscale_models',
}

const pictureName = /\.(png|jpe?g|webp|gif|bmp|tiff?|avif)$/i

function expand(group: InputGroup | undefined, required: boolean): InputSpec[] {
  return Object.entries(group ?? {}).map(([name, config]) => ({ name, short: name, config, required }))
}

const isDynamic = ({ config }: InputSpec) => config[0] === 'COMFY_DYNAMICCOMBO_V3'

/** The nodes this server has, and what `/object_info` says of them. */
export class NodeCatalog {
  private readonly definitions = new Map<string, NodeDefinition>()
  private readonly settings: Settings
  private readonly files: OutputFolder

  constructor(settings: Settings, files: OutputFolder, packs: readonly Pack[]) {
    this.settings = settings
    this.files = files
    for (const { nodes, info } of packs) {
      for (const [classType, node] of Object.entries(nodes)) {
        this.add(classType, node, (info ?? recorded)[classType])
      }
    }
  }

  find(classType: string): NodeDefinition | undefined {
    return this.definitions.get(classType)
  }

  objectInfo(): Record<string, unknown> {
    return Object.fromEntries(
      [...this.definitions.keys()].map((classType) => [classType, this.describe(classType)]),
    )
  }

  describe(classType: string): unknown {
    const definition = this.definitions.get(classType)
    if (!definition) return undefined
    const { info, inputs } = definition
    const fill = (group: InputGroup | undefined) =>
      group &&
      Object.fromEntries(
        Object.entries(group).map(([name, config]) => [name, this.configOf(classType, name, config)]),
      )
    if (!inputs.some(({ name }) => this.optionsOf(classType, name))) return info
    return {
      ...info,
      input: {
        ...info.input,
        required: fill(info.input.required),
        ...(info.input.optional && { optional: fill(info.input.optional) }),
      },
    }
  }

  /** The declared inputs for these values: a dynamic combo brings in those of the chosen option. */
  specsFor(definition: NodeDefinition, values: Readonly<Record<string, unknown>>): readonly InputSpec[] {
    if (!definition.dynamic) return definition.inputs
    const specs: InputSpec[] = []
    const queue = [...definition.inputs]
    for (let spec = queue.shift(); spec; spec = queue.shift()) {
      specs.push(spec)
      if (!isDynamic(spec)) continue
      const { name } = spec
      const options = (spec.config[1]?.options ?? []) as {
        key: string
        inputs: { required?: InputGroup; optional?: InputGroup }
      }[]
      const chosen = options.find(({ key }) => key === values[name])
      if (!chosen) continue
      const inner = [...expand(chosen.inputs.required, true), ...expand(chosen.inputs.optional, false)]
      // ComfyUI lets a nested dynamic combo be absent.
      const named = inner.map((input) => ({ ...input, name: `${name}.${input.name}` }))
      queue.push(...named.map((input) => (isDynamic(input) ? { ...input, required: false } : input)))
    }
    return specs
  }

  /** The declaration of an input with its list of files as it is now. */
  configOf(classType: string, name: string, config: InputConfig): InputConfig {
    const options = this.optionsOf(classType, name)
    if (!options) return config
    return config[0] === 'COMBO'
      ? ['COMBO', { ...config[1], options }]
      : config[1]
        ? [options, config[1]]
        : [options]
  }

  private optionsOf(classType: string, name: string): readonly string[] | undefined {
    if (name === 'image' && (classType === 'LoadImage' || classType === 'LoadImageMask'))
      return this.inputPictures()
    const folder = modelCombos[name]
    return folder && /Loader(Simple|ModelOnly)?$/.test(classType)
      ? this.settings.models.get(folder)
      : undefined
  }

  private inputPictures(): string[] {
    return readdirSync(this.files.path('input'), { withFileTypes: true })
      .filter((entry) => entry.isFile() && pictureName.test(entry.name))
      .map(({ name }) => name)
      .toSorted()
  }

  private add(classType: string, node: SimNode, info: NodeInfo | undefined): void {
    if (!isRecord(info)) throw new Error(`no description of node ${classType}`)
    const inputs = [...expand(info.input.required, true), ...expand(info.input.optional, false)]
    this.definitions.set(classType, { classType, info, node, inputs, dynamic: inputs.some(isDynamic) })
  }
}
