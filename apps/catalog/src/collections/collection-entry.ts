import type { CollectionEntry, LoraReference } from '@easel/contracts'
import { newId } from '@easel/protocol'
import { storable } from '../scan/storable.ts'

/** As it is kept: what is not said is left out. */
export type StoredEntry = {
  id: string
  lora: LoraReference
  name?: string
  trigger?: string
  weight: number
  prompt?: string
  notes?: string
  baseImages: string[]
}

type Words = Pick<CollectionEntry, 'name' | 'trigger' | 'weight' | 'prompt' | 'notes' | 'baseImages'>

const texts = ['name', 'trigger', 'prompt', 'notes'] as const

/** What is not said stays as it was before; an empty text takes it away. */
export function toStoredEntry(
  lora: LoraReference,
  words: Words,
  before: StoredEntry | undefined,
): StoredEntry {
  const kept = texts.map((field) => [field, cleanText(words[field]) ?? before?.[field]] as const)
  return {
    id: before?.id ?? newId(),
    lora,
    ...Object.fromEntries(kept.filter(([, text]) => text !== undefined && text !== '')),
    weight: words.weight ?? before?.weight ?? 1,
    baseImages: words.baseImages ?? before?.baseImages ?? [],
  }
}

/** Undefined: nothing is said. Empty: there is to be none. */
export function cleanText(text: string | null | undefined): string | undefined {
  if (text === undefined) return undefined
  return text === null ? '' : storable(text).trim()
}

/** Equal for what is the same LoRA, however it is named otherwise. */
export function keyOfLora(lora: LoraReference): string {
  switch (lora.source) {
    case 'library':
      return `library ${lora.sha256?.toLowerCase() ?? lora.libraryFileId}`
    case 'civitai':
      return `civitai ${lora.versionId ?? `of ${lora.modelId}`} ${lora.fileId ?? ''}`
    case 'huggingface':
      return `huggingface ${lora.repo?.toLowerCase()} ${lora.path}`
    case 'bundle':
      return `bundle ${lora.bundleId} ${lora.path}`
  }
}
