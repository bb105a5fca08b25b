import type { HashLookup, HashMatch } from '../library/linking.ts'
import type { Sources } from './keeping-source.ts'

/** What CivitAI knows of hashes; Hugging Face has no way to be asked for them. */
export class SourceLookup implements HashLookup {
  readonly remote = true
  private readonly sources: Sources

  constructor(sources: Sources) {
    this.sources = sources
  }

  async find(hashes: readonly string[]): Promise<ReadonlyMap<string, HashMatch>> {
    const found = await this.sources.civitai.findByHashes?.(hashes)
    return new Map(
      (found ?? []).map(({ hash, modelId, modelName, version }) => [
        hash,
        {
          source: 'civitai',
          modelId,
          versionId: version.id,
          modelName,
          versionName: version.name,
          baseModel: version.baseModel,
          trainedWords: version.trainedWords,
        },
      ]),
    )
  }
}
