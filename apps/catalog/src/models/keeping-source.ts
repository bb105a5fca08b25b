import type { CatalogueWriter } from './catalogue-writer.ts'
import type {
  Fetched,
  GetModelOptions,
  HashMatch,
  ListFilesOptions,
  ModelSource,
  SourceFiles,
  SourcePage,
  SourceQuery,
  VersionOfModel,
} from '../sources/source.ts'
import type { SourceId, SourceModel } from '../sources/source-model.ts'

export type Sources = Readonly<Record<SourceId, ModelSource>>

/** Both sources, with all they tell kept in the catalogue on its way, whoever asked. */
export function keepingSources(sources: Sources, writer: CatalogueWriter): Sources {
  return {
    civitai: new KeepingSource(sources.civitai, writer),
    huggingface: new KeepingSource(sources.huggingface, writer),
  }
}

class KeepingSource implements ModelSource {
  readonly id: SourceId
  readonly #source: ModelSource
  readonly #writer: CatalogueWriter
  readonly getVersion?: (id: string, signal?: AbortSignal) => Promise<Fetched<VersionOfModel>>
  readonly findByHashes?: (hashes: readonly string[], signal?: AbortSignal) => Promise<HashMatch[]>

  constructor(source: ModelSource, writer: CatalogueWriter) {
    this.id = source.id
    this.#source = source
    this.#writer = writer
    if (source.getVersion) {
      this.getVersion = async (id, signal) => {
        const fetched = await source.getVersion!(id, signal)
        await writer.keep([fetched.value.model], 'version')
        return fetched
      }
    }
    if (source.findByHashes) {
      this.findByHashes = async (hashes, signal) => {
        const matches = await source.findByHashes!(hashes, signal)
        for (const { model } of matches) await writer.keep([model], 'version')
        return matches
      }
    }
  }

  async search(query: SourceQuery, signal?: AbortSignal): Promise<SourcePage> {
    const page = await this.#source.search(query, signal)
    await this.#writer.keep(page.value, 'listed')
    return page
  }

  async getModel(id: string, options: GetModelOptions = {}): Promise<Fetched<SourceModel>> {
    const fetched = await this.#source.getModel(id, options)
    // Another revision is not what the model is now. An old answer is known already, and is not news.
    if (!fetched.stale)
      await this.#writer.keep([fetched.value], options.revision === undefined ? 'whole' : 'version')
    return fetched
  }

  listFiles(id: string, options?: ListFilesOptions): Promise<Fetched<SourceFiles>> {
    return this.#source.listFiles(id, options)
  }
}
