import type { LoraView } from '@easel/client'

/** As `easel collections add` takes it, where it does. */
export function writeLoraName({ lora, libraryFileId }: Pick<LoraView, 'lora' | 'libraryFileId'>): string {
  const { source, modelId, versionId, repo, path, bundleId } = lora
  switch (source) {
    case 'civitai':
      return `civitai:${modelId ?? ''}@${versionId ?? ''}`
    case 'huggingface':
      return `hf:${repo}/${path ?? ''}`
    case 'bundle':
      return `bundle:${bundleId}/${path}`
    case 'library':
      return `local:${libraryFileId ?? lora.libraryFileId ?? ''}`
  }
}
