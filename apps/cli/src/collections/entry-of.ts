import { usageError } from '../exit-codes.ts'
import { uuid } from '../run/read-workflow.ts'
import type { AddToCollection } from '@easel/client'

type Entry = AddToCollection['entries'][number]

export type EntryOptions = {
  name?: string
  trigger?: string
  weight?: number
  prompt?: string
  notes?: string
}

/** `civitai:4201[@4202]`, `hf:owner/name[@revision][/path]`, `local:<id>`, `bundle:id/loras/name`, an AIR, an address. */
export function entryOf(text: string, words: EntryOptions = {}): Entry {
  const { name, trigger, weight, prompt, notes } = words
  return { ...loraOf(text), name, trigger, weight, prompt, notes }
}

function loraOf(text: string): Pick<Entry, 'lora' | 'reference'> {
  if (/^(https?:\/\/|urn:air:|hf:\/\/)/i.test(text)) return { reference: text }
  const [, modelId, versionId] = /^(?:civitai:)?(\d+)?(?:@(\d+))?$/.exec(text) ?? []
  if (modelId !== undefined || versionId !== undefined)
    return { lora: { source: 'civitai', modelId, versionId } }
  const [, repo, revision, path] =
    /^(?:hf:|huggingface:)?([\w.-]+\/[\w.-]+)(?:@([^/]+))?(?:\/(.+))?$/.exec(text) ?? []
  if (repo !== undefined) return { lora: { source: 'huggingface', repo, revision, path } }
  const [, bundleId, file] = /^bundle:([^/]+)\/(.+)$/.exec(text) ?? []
  if (bundleId !== undefined) return { lora: { source: 'bundle', bundleId, path: file } }
  const id = text.replace(/^local:/, '')
  if (uuid.test(id)) return { lora: { source: 'library', libraryFileId: id } }
  throw usageError(
    `${text} is no LoRA: write civitai:4201, hf:owner/name/path, local:<file id> or an address`,
  )
}
