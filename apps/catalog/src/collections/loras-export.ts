import type { ExportedCollections, LoraReference } from '@easel/contracts'
import type { StoredEntry } from './collection-entry.ts'
import type { CollectionRow } from './collections.repository.ts'

export type Titled = CollectionRow & { titles: readonly string[] }

/** What `parseLorasFile` reads: each entry is a LoRA of its own, for it has words of its own. */
export function toLorasFile(collections: readonly Titled[]): ExportedCollections {
  const loras = new Map<string, Record<string, unknown>>()
  const grouped = collections.map(({ name, description, prompt, tags, entries, titles }) => {
    const keys = entries.map((entry, index) => {
      const key = freeKey(entry.name ?? titles[index] ?? entry.id, loras)
      loras.set(key, filed(entry))
      return key
    })
    return [name, told({ description, default_prompt: prompt, tags, loras: keys })] as const
  })
  return {
    loras: Object.fromEntries(loras),
    lora_collections: Object.fromEntries(grouped),
  }
}

function filed({ lora, name, trigger, weight, prompt, notes, baseImages }: StoredEntry) {
  return told({
    name,
    ...placeOf(lora),
    trigger,
    weight: weight === 1 ? undefined : weight,
    default_prompt: prompt,
    notes,
    base_images: baseImages,
  })
}

function placeOf({ source, ...lora }: LoraReference): Record<string, unknown> {
  switch (source) {
    case 'civitai':
      return { civitai_model: lora.modelId, civitai_version: lora.versionId, civitai_file: lora.fileId }
    case 'huggingface':
      return { hf_repo: lora.repo, lora_weights: lora.path, hf_revision: lora.revision }
    case 'bundle':
      return { bundle: lora.bundleId, file: lora.path }
    case 'library':
      return { sha256: lora.sha256, file: lora.path }
  }
}

const told = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) =>
        value !== undefined &&
        value !== null &&
        value !== '' &&
        !(Array.isArray(value) && value.length === 0),
    ),
  )

/** Letters and numbers, as keys of YAML are written by hand. */
function freeKey(name: string, taken: ReadonlyMap<string, unknown>): string {
  const words = name.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ['lora']
  const key = words.join('_').slice(0, 80)
  for (let number = 1; ; number++) {
    const free = number === 1 ? key : `${key}_${number}`
    if (!taken.has(free)) return free
  }
}
