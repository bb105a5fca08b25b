import { isModelName } from '@easel/comfyui'
import { AppError } from '@easel/protocol'
import type { Graph, GraphValue } from '@easel/comfyui'
import type { Fault } from '@easel/protocol'
import type { HeldLimits } from './limits.ts'
import { Patterns } from './patterns.ts'

export type PolicyHolder = { who: string; limits: HeldLimits }

const maxFaults = 50

/** Throws `NOT_ALLOWED` with every place of the graph that a policy forbids; all policies hold. */
export function requireAllowed(graph: Graph, holders: readonly PolicyHolder[]): void {
  const faults = holders.flatMap((holder) => faultsOf(graph, holder))
  const [first] = faults
  if (!first) return
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
  throw new AppError('forbidden', `${first.path}: ${first.message}${more}`, {
    reason: 'NOT_ALLOWED',
    faults: faults.slice(0, maxFaults),
  })
}

function faultsOf(graph: Graph, { who, limits }: PolicyHolder): Fault[] {
  const { deniedNodes, allowedModels } = limits
  if (!deniedNodes?.length && !allowedModels) return []
  const denied = remembered(new Patterns(deniedNodes ?? []))
  const allowed = allowedModels && remembered(new Patterns(allowedModels.map(plainName)))
  return Object.entries(graph).flatMap(([id, { class_type: name, inputs }]) => [
    ...(denied(name)
      ? [{ path: `workflow.${id}.class_type`, message: `${who} may not use the node ${name}` }]
      : []),
    ...(allowed
      ? modelsIn(inputs)
          .filter(({ file }) => isIndirect(file) || !allowed(file))
          .map(({ input, file }) => ({
            path: `workflow.${id}.inputs.${input}`,
            message: `${who} may not use the model ${file}`,
          }))
      : []),
  ])
}

/** Wherever a file of a model is named: a text may come to a loader over a link from any node. */
function modelsIn(inputs: Readonly<Record<string, GraphValue>>): { input: string; file: string }[] {
  return Object.entries(inputs).flatMap(([input, value]) =>
    textsIn(value)
      .filter((text) => isModelName(text.trim()))
      .map((text) => ({ input, file: plainName(text.trim()) })),
  )
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsIn)
}

/** Windows writes folders with a backslash. */
const plainName = (name: string): string => name.replaceAll('\\', '/')

/** `public/*` must not lead out of the folder. */
const isIndirect = (file: string): boolean => file.split('/').some((part) => part === '..' || part === '.')

/** A graph names the same few again and again. */
function remembered(patterns: Patterns): (text: string) => boolean {
  const known = new Map<string, boolean>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const found = patterns.match(text)
    known.set(text, found)
    return found
  }
}
