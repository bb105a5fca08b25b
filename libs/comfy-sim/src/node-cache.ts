import { hash } from 'node:crypto'
import { asDigits, isBigNumber } from './json.ts'
import type { NodeResult } from './node.ts'
import type { NodeCatalog } from './node-catalog.ts'
import type { OutputFolder } from './output-files.ts'
import type { PromptGraph } from './prompt-queue.ts'

/**
 * Results of earlier nodes by what went into them: class, literals, and the same of everything upstream.
 * A prompt that succeeds leaves only its own results, so an immediate rerun is cached and an older graph is not; one
 * that fails throws nothing away.
 */
export class NodeCache {
  private entries = new Map<string, NodeResult>()

  get(key: string): NodeResult | undefined {
    return this.entries.get(key)
  }

  set(key: string, result: NodeResult): void {
    this.entries.set(key, result)
  }

  keepOnly(keys: Iterable<string>): void {
    const kept = new Map<string, NodeResult>()
    for (const key of keys) {
      const entry = this.entries.get(key)
      if (entry) kept.set(key, entry)
    }
    this.entries = kept
  }

  clear(): void {
    this.entries.clear()
  }
}

export const isLink = (value: unknown): value is [string, number] =>
  Array.isArray(value) && value.length === 2 && typeof value[0] === 'string'

let unique = 0

/** The cache key of every node in a prompt. */
export function cacheKeys(
  prompt: PromptGraph,
  catalog: NodeCatalog,
  files: OutputFolder,
): Map<string, string> {
  const keys = new Map<string, string>()
  const keyOf = (id: string): string => {
    const known = keys.get(id)
    if (known !== undefined) return known
    keys.set(id, 'cycle')
    const node = prompt[id]
    const definition = node && catalog.find(node.class_type)
    if (!definition || !node.inputs) return `unknown ${++unique}`
    let text = node.class_type
    for (const name of Object.keys(node.inputs).toSorted()) {
      const value = node.inputs[name]
      const part = isLink(value)
        ? `${Object.hasOwn(prompt, value[0]) ? keyOf(value[0]) : ''}:${value[1]}`
        : isBigNumber(value)
          ? asDigits(value)
          : JSON.stringify(value)
      text += `\0${name}=${part}`
    }
    const { fingerprint } = definition.node
    if (fingerprint) text += `\0${fingerprint(node.inputs, { files })}`
    const key = hash('sha1', text, 'base64')
    keys.set(id, key)
    return key
  }
  for (const id of Object.keys(prompt)) keyOf(id)
  return keys
}
