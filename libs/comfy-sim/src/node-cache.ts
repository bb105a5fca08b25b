import { hash } from 'node:crypto'
import { asDigits, isRawNumber } from './json.ts'
import type { NodeResult } from './node.ts'
import type { NodeCatalog } from './node-catalog.ts'
import type { OutputFolder } from './output-files.ts'
import type { PromptGraph } from './prompt-queue.ts'

/** A result and the node that made it: history names that node also when another one shows the result. */
export type CachedResult = { result: NodeResult; nodeId: string }

/**
 * Results of earlier nodes by what went into them: class, literals, and the same of everything upstream.
 * A prompt that succeeds leaves only its own results, so an immediate rerun is cached and an older graph is not; one
 * that fails throws nothing away.
 */
export class NodeCache {
  private entries = new Map<string, CachedResult>()

  get(key: string): CachedResult | undefined {
    return this.entries.get(key)
  }

  set(key: string, result: CachedResult): void {
    this.entries.set(key, result)
  }

  keepOnly(keys: Iterable<string>): void {
    const kept = new Map<string, CachedResult>()
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

export type CacheKeys = {
  keys: ReadonlyMap<string, string>
  /** What nodes that look beyond their inputs saw there; ComfyUI writes it into the graph it saves in files. */
  fingerprints: ReadonlyMap<string, string>
}

/** The cache key of every node in a prompt. */
export function cacheKeys(prompt: PromptGraph, catalog: NodeCatalog, files: OutputFolder): CacheKeys {
  const keys = new Map<string, string>()
  const fingerprints = new Map<string, string>()
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
        : isRawNumber(value)
          ? asDigits(value)
          : JSON.stringify(value)
      text += `\0${name}=${part}`
    }
    const fingerprint = definition.node.fingerprint?.(node.inputs, { files })
    if (fingerprint !== undefined) {
      fingerprints.set(id, fingerprint)
      text += `\0${fingerprint}`
    }
    const key = hash('sha1', text, 'base64')
    keys.set(id, key)
    return key
  }
  for (const id of Object.keys(prompt)) keyOf(id)
  return { keys, fingerprints }
}
