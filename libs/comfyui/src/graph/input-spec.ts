import type { GraphValue } from './graph.ts'
import type { NodeInfo } from './object-info.ts'

export type Choice = string | number | boolean | bigint

/** What one input of a node takes, whichever of ComfyUI's ways of saying it the class used. */
export type InputSpec = {
  /** With dots for what lies inside a dynamic input (`format.codec`). */
  name: string
  required: boolean
  /** `socket`: nothing can be typed in, only linked. */
  kind: 'INT' | 'FLOAT' | 'STRING' | 'BOOLEAN' | 'COMBO' | 'DYNAMIC_COMBO' | 'COLOR' | 'socket'
  /** What a link must give: a type, a union (`IMAGE,MASK`), or `*`. */
  linkType: string
  choices?: readonly Choice[]
  /** The second element of the declaration: default, min, max, tooltip, … */
  options: Readonly<Record<string, unknown>>
}

type Section = Record<string, unknown>
type Expansion = { inputs: Readonly<Record<string, GraphValue>>; out: InputSpec[]; depth: number }

const maxDepth = 16
const maxGrown = 100

/**
 * The inputs a node has with the values it has: the nested inputs of a dynamic combo are those of the option
 * that is chosen. Required ones first, in the order of the class.
 */
export function inputSpecsOf(info: NodeInfo, inputs: Readonly<Record<string, GraphValue>>): InputSpec[] {
  const out: InputSpec[] = []
  const { required = {}, optional = {} } = info.input ?? {}
  const expansion = { inputs, out, depth: 0 }
  for (const name of ordered(required, info.input_order?.required)) {
    expand({ name, required: true, spec: required[name] }, expansion)
  }
  for (const name of ordered(optional, info.input_order?.optional)) {
    expand({ name, required: false, spec: optional[name] }, expansion)
  }
  return out
}

type Declared = { name: string; required: boolean; spec: unknown }

function expand({ name, required, spec }: Declared, expansion: Expansion): void {
  if (expansion.depth > maxDepth) return
  const [type, second] = Array.isArray(spec) ? (spec as unknown[]) : []
  const options = recordOf(second)
  const { out } = expansion
  if (Array.isArray(type)) {
    out.push({ name, required, kind: 'COMBO', linkType: 'COMBO', choices: choicesOf(type), options })
    return
  }
  switch (type) {
    case 'INT':
    case 'FLOAT':
    case 'STRING':
    case 'BOOLEAN':
    case 'COLOR':
      out.push({ name, required, kind: options.forceInput ? 'socket' : type, linkType: type, options })
      return
    case 'BOOL': // an old spelling
      out.push({ name, required, kind: 'BOOLEAN', linkType: 'BOOL,BOOLEAN', options })
      return
    case 'COMBO':
      out.push({
        name,
        required,
        kind: 'COMBO',
        linkType: 'COMBO',
        choices: choicesOf(options.options),
        options,
      })
      return
    case 'COMFY_DYNAMICCOMBO_V3':
      return dynamicCombo({ name, required, spec: options }, expansion)
    case 'COMFY_AUTOGROW_V3':
      return autogrow(name, recordOf(options.template), expansion)
    case 'COMFY_DYNAMICSLOT_V3':
      out.push({ name, required: false, kind: 'socket', linkType: '*', options })
      if (Object.hasOwn(expansion.inputs, name)) nested(name, recordOf(options.inputs), expansion)
      return
    case 'COMFY_MATCHTYPE_V3': {
      const allowed = recordOf(options.template).allowed_types
      out.push({
        name,
        required,
        kind: 'socket',
        linkType: typeof allowed === 'string' ? allowed : '*',
        options,
      })
      return
    }
    default: {
      const linkType = typeof type === 'string' ? type : '*'
      out.push({ name, required, kind: unionKind(options), linkType, options })
    }
  }
}

function dynamicCombo({ name, required, spec }: Declared, expansion: Expansion): void {
  const options = recordOf(spec)
  const list = (Array.isArray(options.options) ? options.options : []).map(recordOf)
  const choices = choicesOf(list.map((option) => option.key))
  expansion.out.push({ name, required, kind: 'DYNAMIC_COMBO', linkType: 'COMBO', choices, options })
  const chosen = Object.hasOwn(expansion.inputs, name) ? expansion.inputs[name] : undefined
  const option = list.find(({ key }) => key === chosen)
  if (option) nested(name, recordOf(option.inputs), expansion)
}

function nested(prefix: string, sections: Section, expansion: Expansion): void {
  const inner = { ...expansion, depth: expansion.depth + 1 }
  for (const section of ['required', 'optional'] as const) {
    for (const [name, spec] of Object.entries(recordOf(sections[section]))) {
      expand({ name: `${prefix}.${name}`, required: section === 'required', spec }, inner)
    }
  }
}

/** `images` with a template becomes `images.image0`, `images.image1`, …; the first `min` of them are needed. */
function autogrow(name: string, template: Section, expansion: Expansion): void {
  const sections = recordOf(template.input)
  const section = Object.keys(recordOf(sections.required)).length > 0 ? 'required' : 'optional'
  const [spec] = Object.values(recordOf(sections[section]))
  const min = typeof template.min === 'number' ? template.min : 0
  const count = Math.min(typeof template.max === 'number' ? template.max : 0, maxGrown)
  const prefix = typeof template.prefix === 'string' ? template.prefix : ''
  const names = Array.isArray(template.names)
    ? template.names.slice(0, maxGrown).map(String)
    : Array.from({ length: count }, (_, index) => `${prefix}${index}`)
  for (const [index, inner] of names.entries()) {
    const required = section === 'required' && index < min
    const linked = Array.isArray(spec) ? [spec[0], { ...recordOf(spec[1]), forceInput: true }] : spec
    expand({ name: `${name}.${inner}`, required, spec: linked }, { ...expansion, depth: expansion.depth + 1 })
  }
}

/** A union that may be typed in says as what. */
function unionKind(options: Section): InputSpec['kind'] {
  const widget = options.forceInput ? undefined : options.widgetType
  const typed = ['INT', 'FLOAT', 'STRING', 'BOOLEAN'] as const
  return typed.find((kind) => kind === widget) ?? 'socket'
}

/** Would ComfyUI take what `given` gives for what `wanted` wants? Unions need one type in common. */
export function typesMatch(given: unknown, wanted: string): boolean {
  if (Array.isArray(given)) return wanted === 'COMBO' || wanted === '*'
  if (typeof given !== 'string' || given === 'COMFY_MATCHTYPE_V3') return true
  const split = (type: string) => type.split(',').map((part) => part.trim())
  const types = split(wanted)
  return types.includes('*') || split(given).some((type) => type === '*' || types.includes(type))
}

/** The default of an input, or the first value it allows; undefined when there is none (sockets, empty lists). */
export function defaultOf(spec: InputSpec): GraphValue | undefined {
  const { kind, choices, options } = spec
  const given = options.default as GraphValue | undefined
  if (choices) {
    if (Array.isArray(given)) return { __value__: given }
    return given !== undefined && choices.some((choice) => sameChoice(choice, given)) ? given : choices[0]
  }
  if (kind === 'socket') return undefined
  if (given !== undefined && given !== null) return given
  if (kind === 'STRING') return ''
  if (kind === 'BOOLEAN') return false
  if (kind === 'COLOR') return '#000000'
  const { min } = options
  return (typeof min === 'number' || typeof min === 'bigint') && min > 0 ? min : 0
}

/** Python's `==` of a choice: `1`, `1.0` and `True` are one. */
export function sameChoice(choice: Choice, value: unknown): boolean {
  if (choice === value) return true
  const number = (x: unknown) => (typeof x === 'boolean' || typeof x === 'bigint' ? Number(x) : x)
  return typeof number(choice) === 'number' && number(choice) === number(value)
}

/** Is it a list of files that grows with every upload? */
export function isFileChoice(options: Readonly<Record<string, unknown>>): boolean {
  return ['image_upload', 'video_upload', 'audio_upload', 'file_upload', 'remote'].some((key) => options[key])
}

function choicesOf(list: unknown): Choice[] {
  const plain = new Set(['string', 'number', 'boolean', 'bigint'])
  return (Array.isArray(list) ? list : []).filter((item): item is Choice => plain.has(typeof item))
}

function ordered(section: Section, order: unknown): string[] {
  const names = Object.keys(recordOf(section))
  if (!Array.isArray(order)) return names
  const known = order.filter(
    (name): name is string => typeof name === 'string' && Object.hasOwn(section, name),
  )
  return [...new Set([...known, ...names])]
}

function recordOf(value: unknown): Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Section) : {}
}
