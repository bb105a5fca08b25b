import { asNumber, isRawNumber, isRecord, pythonFloat, pythonText } from './json.ts'
import type { FileContext } from './node.ts'
import type { InputConfig, InputSpec, NodeCatalog, NodeDefinition } from './node-catalog.ts'
import type { PromptGraph, PromptNode } from './prompt-queue.ts'

export type Fault = { type: string; message: string; details: string; extra_info: Record<string, unknown> }
export type NodeErrors = Record<string, { errors: Fault[]; dependent_outputs: string[]; class_type: string }>
export type Validation =
  | { ok: true; outputs: string[]; nodeErrors: NodeErrors }
  | { ok: false; error: Fault; nodeErrors: NodeErrors }

/** Longer lists of options are not repeated in an error. */
const longList = 20

const fault = (
  type: string,
  message: string,
  rest: { details?: string; extra?: Record<string, unknown> } = {},
): Fault => ({
  type,
  message,
  details: rest.details ?? '',
  extra_info: rest.extra ?? {},
})

/** A lookup that Python would answer with an exception; `details` is the exception's text. */
class LookupFailure {
  readonly exception: string
  readonly details: string
  constructor(exception: string, details: string) {
    this.exception = exception
    this.details = details
  }
}

type Verdict = { valid: boolean; faults: Fault[] }

/** Checks one prompt, converting literals in place as the server does ("20" becomes 20). */
export class PromptValidation {
  private readonly verdicts = new Map<string, Verdict>()
  private readonly visiting: string[] = []
  private readonly prompt: PromptGraph
  private readonly catalog: NodeCatalog
  private readonly context: FileContext

  constructor(prompt: PromptGraph, catalog: NodeCatalog, context: FileContext) {
    this.prompt = prompt
    this.catalog = catalog
    this.context = context
  }

  run(targets?: readonly string[]): Validation {
    const outputs: string[] = []
    for (const id of Object.keys(this.prompt)) {
      const missing = this.missingType(id)
      if (missing) return { ok: false, error: missing, nodeErrors: {} }
      const definition = this.catalog.find(this.prompt[id]!.class_type)!
      if (definition.info.output_node && (!targets || targets.includes(id))) outputs.push(id)
    }
    if (outputs.length === 0)
      return { ok: false, error: fault('prompt_no_outputs', 'Prompt has no outputs'), nodeErrors: {} }

    const nodeErrors: NodeErrors = Object.create(null)
    const good: string[] = []
    const reasons: string[] = []
    for (const output of outputs) {
      const verdict = this.checkOutput(output)
      if (verdict.valid) {
        good.push(output)
        continue
      }
      reasons.push(...verdict.faults.map(({ message, details }) => `${message}: ${details}`))
      this.collect(output, nodeErrors)
    }
    if (good.length > 0) return { ok: true, outputs: good, nodeErrors }
    const error = fault('prompt_outputs_failed_validation', 'Prompt outputs failed validation', {
      details: reasons.join('\n'),
    })
    return { ok: false, error, nodeErrors }
  }

  private missingType(id: string): Fault | undefined {
    const node = this.prompt[id] as Partial<PromptNode>
    const title = typeof node._meta?.title === 'string' ? node._meta.title : null
    const known = typeof node.class_type === 'string' && this.catalog.find(node.class_type)
    if (known) return undefined
    const message =
      node.class_type === undefined
        ? `Node '${title ?? `ID #${id}`}' has no class_type. The workflow may be corrupted or a custom node is missing.`
        : `Node '${title ?? String(node.class_type)}' not found. The custom node may not be installed.`
    const extra = { node_id: id, class_type: node.class_type ?? null, node_title: title }
    return fault('missing_node_type', message, { details: `Node ID '#${id}'`, extra })
  }

  private collect(output: string, nodeErrors: NodeErrors): void {
    for (const [id, { valid, faults }] of this.verdicts) {
      if (valid || faults.length === 0) continue
      nodeErrors[id] ??= {
        errors: faults,
        dependent_outputs: [],
        class_type: this.prompt[id]?.class_type ?? '',
      }
      nodeErrors[id].dependent_outputs.push(output)
    }
  }

  private checkOutput(id: string): Verdict {
    this.visiting.length = 0
    const verdict = this.check(id)
    if (!(verdict instanceof LookupFailure)) return verdict
    const extra = { exception_type: verdict.exception, traceback: [] }
    const failed = {
      valid: false,
      faults: [
        fault('exception_during_validation', 'Exception when validating node', {
          details: verdict.details,
          extra,
        }),
      ],
    }
    this.verdicts.set(id, failed)
    return failed
  }

  private check(id: string): Verdict | LookupFailure {
    const known = this.verdicts.get(id)
    if (known) return known
    const node = this.prompt[id]!
    if (!isRecord(node.inputs)) return new LookupFailure('KeyError', "'inputs'")
    const definition = this.catalog.find(node.class_type)!
    const verdict: Verdict = { valid: true, faults: [] }
    this.visiting.push(id)
    for (const spec of this.catalog.specsFor(definition, node.inputs)) {
      const failure = this.checkInput({ definition, inputs: node.inputs, spec, verdict })
      if (failure) {
        this.visiting.pop()
        return failure
      }
    }
    this.visiting.pop()
    const { validate } = definition.node
    if (
      validate &&
      validate.names.every((name) => node.inputs[name] !== undefined && !Array.isArray(node.inputs[name]))
    ) {
      const complaint = validate.check(node.inputs, this.context)
      if (complaint) {
        const details = `${validate.names[0]!} - ${complaint}`
        verdict.faults.push(
          fault('custom_validation_failed', 'Custom validation failed for node', {
            details,
            extra: { input_name: validate.names[0] },
          }),
        )
      }
    }
    // A cycle found further down has already judged this node.
    const judged = this.verdicts.get(id)
    if (judged) return judged
    if (verdict.faults.length > 0) verdict.valid = false
    this.verdicts.set(id, verdict)
    return verdict
  }

  private checkInput(at: {
    definition: NodeDefinition
    inputs: Record<string, unknown>
    spec: InputSpec
    verdict: Verdict
  }) {
    const { definition, inputs, spec, verdict } = at
    const { name } = spec
    const value = Object.hasOwn(inputs, name) ? inputs[name] : undefined
    if (value === undefined) {
      if (spec.required) {
        verdict.faults.push(
          fault('required_input_missing', 'Required input is missing', {
            details: spec.short,
            extra: { input_name: name },
          }),
        )
      }
      return undefined
    }
    const config = this.catalog.configOf(definition.classType, name, spec.config)
    const shown: InputConfig = [config[0], config[1] ?? {}]
    if (Array.isArray(value)) return this.checkLink({ name, config: shown, value, verdict })
    if (definition.node.validate?.names.includes(name)) return undefined
    const found = checkLiteral({ name, config: shown, value, inputs })
    if (found) verdict.faults.push(found)
    return undefined
  }

  private checkLink(at: {
    name: string
    config: InputConfig
    value: unknown[]
    verdict: Verdict
  }): LookupFailure | undefined {
    const { name, config, value, verdict } = at
    if (value.length !== 2) {
      const extra = { input_name: name, input_config: config, received_value: value }
      verdict.faults.push(
        fault('bad_linked_input', 'Bad linked input, must be a length-2 list of [node_id, slot_index]', {
          details: name,
          extra,
        }),
      )
      return undefined
    }
    const [origin, slot] = value
    const source =
      typeof origin === 'string' && Object.hasOwn(this.prompt, origin) ? this.prompt[origin] : undefined
    if (!source || typeof origin !== 'string') return new LookupFailure('KeyError', pythonText(origin))
    const outputs = this.catalog.find(source.class_type)!.info.output
    if (typeof slot !== 'number') {
      return new LookupFailure('TypeError', 'tuple indices must be integers or slices, not str')
    }
    const received = outputs.at(slot)
    if (received === undefined) return new LookupFailure('IndexError', 'tuple index out of range')
    if (!fits(received, config[0])) {
      const expected = typeof config[0] === 'string' ? config[0] : pythonText(config[0])
      const details = `${name}, received_type(${received}) mismatch input_type(${expected})`
      const extra = { input_name: name, input_config: config, received_type: received, linked_node: value }
      verdict.faults.push(
        fault('return_type_mismatch', 'Return type mismatch between linked nodes', { details, extra }),
      )
      return undefined
    }
    const start = this.visiting.indexOf(origin)
    if (start >= 0) {
      this.markCycle(this.visiting.slice(start))
      verdict.valid = false
      return undefined
    }
    const inner = this.check(origin)
    if (inner instanceof LookupFailure) {
      const extra = {
        input_name: name,
        input_config: config,
        exception_message: inner.details,
        exception_type: inner.exception,
        traceback: [],
        linked_node: value,
      }
      this.verdicts.set(origin, {
        valid: false,
        faults: [
          fault('exception_during_inner_validation', 'Exception when validating inner node', {
            details: inner.details,
            extra,
          }),
        ],
      })
      verdict.valid = false
    } else if (!inner.valid) verdict.valid = false
    return undefined
  }

  private markCycle(cycle: readonly string[]): void {
    const label = (id: string) => `${id} (${this.prompt[id]!.class_type})`
    const details = [...cycle, cycle[0]!].map(label).join(' -> ')
    for (const id of cycle) {
      const extra = { node_id: id, cycle_nodes: cycle }
      this.verdicts.set(id, {
        valid: false,
        faults: [fault('dependency_cycle', 'Dependency cycle detected', { details, extra })],
      })
    }
  }
}

/** Whether an output may go into an input: equal types, a wildcard, or a shared member of a union. */
function fits(received: string, expected: InputConfig[0]): boolean {
  if (received === '*' || expected === '*') return true
  if (typeof expected !== 'string') return received === 'COMBO' || Array.isArray(received)
  if (received === expected || expected === 'COMFY_DYNAMICCOMBO_V3') return true
  const allowed = new Set(expected.split(','))
  return received.split(',').every((type) => allowed.has(type))
}

const typeNames = new Set(['INT', 'FLOAT', 'STRING', 'BOOLEAN'])

function checkLiteral(at: {
  name: string
  config: InputConfig
  value: unknown
  inputs: Record<string, unknown>
}): Fault | undefined {
  const { name, config, inputs } = at
  const [type, options = {}] = config
  let { value } = at
  if (isRecord(value) && Object.hasOwn(value, '__value__')) value = inputs[name] = value['__value__']
  if (typeof type === 'string' && typeNames.has(type)) {
    const converted = convert(type, value)
    if (converted instanceof LookupFailure) {
      const extra = {
        input_name: name,
        input_config: config,
        received_value: value,
        exception_message: converted.details,
      }
      const details = `${name}, ${typeof value === 'string' ? value : pythonText(value)}, ${converted.details}`
      return fault('invalid_input_type', `Failed to convert an input value to a ${type} value`, {
        details,
        extra,
      })
    }
    value = inputs[name] = converted
  }
  const shown = { input_name: name, input_config: config, received_value: value }
  if (type === 'INT' || type === 'FLOAT') {
    const { min, max } = options
    const limit = (value: number) => pythonText(type === 'FLOAT' ? pythonFloat(value) : value)
    if (typeof min === 'number' && asNumber(value) < min) {
      const message = `Value ${pythonText(value)} smaller than min of ${limit(min)}`
      return fault('value_smaller_than_min', message, { details: name, extra: shown })
    }
    if (typeof max === 'number' && asNumber(value) > max) {
      const message = `Value ${pythonText(value)} bigger than max of ${limit(max)}`
      return fault('value_bigger_than_max', message, { details: name, extra: shown })
    }
  }
  const list = Array.isArray(type) ? type : type === 'COMBO' ? options.options : undefined
  if (!Array.isArray(list) || list.includes(value)) return undefined
  const long = list.length > longList
  const choices = long ? `(list of length ${list.length})` : pythonText(list)
  return fault('value_not_in_list', 'Value not in list', {
    details: `${name}: ${pythonText(value)} not in ${choices}`,
    extra: { ...shown, input_config: long ? null : config },
  })
}

const wrongType = (call: string, value: unknown) =>
  new LookupFailure(
    'TypeError',
    `${call} argument must be a string${call === 'int()' ? ', a bytes-like object' : ''} or a real number, not '${value === null ? 'NoneType' : 'dict'}'`,
  )

function convert(type: string, value: unknown): unknown {
  if (type === 'STRING') return typeof value === 'string' ? value : pythonText(value)
  if (type === 'BOOLEAN')
    return isRecord(value) ? Object.keys(value).length > 0 : isRawNumber(value) || Boolean(value)
  const whole = type === 'INT'
  if (isRawNumber(value)) return value
  if (typeof value === 'boolean') return whole ? Number(value) : pythonFloat(Number(value))
  if (typeof value === 'number') return whole ? Math.trunc(value) : pythonFloat(value)
  if (typeof value !== 'string') return wrongType(whole ? 'int()' : 'float()', value)
  const text = value.trim().replaceAll('_', '')
  const pattern = whole ? /^[+-]?\d+$/ : /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
  if (pattern.test(text)) return whole ? Number(text) : pythonFloat(Number(text))
  return new LookupFailure(
    'ValueError',
    whole
      ? `invalid literal for int() with base 10: ${pythonText(value)}`
      : `could not convert string to float: ${pythonText(value)}`,
  )
}
