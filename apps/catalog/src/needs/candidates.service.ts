import type { ModelFolder, ModelWish, NeedSource, ResolvedFile } from '@easel/contracts'
import { modelFolders } from '@easel/contracts'
import { AppError } from '@easel/protocol'
import type { BundleShelf } from '../bundles/bundle-shelf.ts'
import { toLicenceView } from '../models/licence-view.ts'
import type { ModelSource, SourceQuery } from '../sources/source.ts'
import type { SourceId, SourceModel } from '../sources/source-model.ts'
import { civitaiFile } from './civitai-files.ts'
import type { FileFacts } from './file-facts.ts'
import { folderOfFile, folderOfPath } from './file-folder.ts'
import { mayBe } from './held-files.ts'
import type { NamedFile } from './named-files.ts'
import type { CataloguedFile, NeedsRepository } from './needs.repository.ts'
import { wishOf } from './reference.ts'
import type { SourceUrls } from './reference.ts'
import { repoFiles } from './repo-files.ts'

export type CandidatesParts = {
  sources: Readonly<Record<SourceId, ModelSource>>
  shelf: BundleShelf
  facts: FileFacts
  held: NeedsRepository
  urls: SourceUrls
}

const mostCandidates = 5

/** Where a file that is missing can be had; the surest first. */
export class Candidates {
  constructor(private readonly parts: CandidatesParts) {}

  /** What the workflow says, what a bundle says, and what the stored catalogue has under this very name. */
  async known(file: NamedFile, catalogued: readonly CataloguedFile[]): Promise<NeedSource[]> {
    const told = [...this.fromEntry(file), ...(await this.fromBundles(file))]
    if (told.length > 0) return told
    return distinct(
      catalogued
        .filter(({ name, format }) => format !== 'pickle' && mayBe(name, file.name))
        .map((row) => fromRow(row, file)),
    )
  }

  /** With size and hash as the source tells them: of what only an address is known. */
  async completed(found: readonly NeedSource[]): Promise<NeedSource[]> {
    return Promise.all(
      found.map(async (source) => {
        if (source.foundBy === 'name') return source
        const fact = await this.parts.facts.find(source.file.urls[0]!)
        if (!fact) return source
        const { bytes, sha256, ...rest } = fact
        const { file } = source
        return {
          ...source,
          file: {
            ...file,
            ...rest,
            bytes: file.bytes ?? bytes ?? null,
            sha256: sha256 ?? file.sha256 ?? null,
          },
        }
      }),
    )
  }

  /** Asks the sources themselves: by hash where one is told, else by name. */
  async asked(file: NamedFile, signal: AbortSignal): Promise<NeedSource[]> {
    const byHash = file.entry?.sha256 ? await this.byHash(file, file.entry.sha256, signal) : []
    if (byHash.length > 0) return byHash
    const text = searchTextOf(file.name)
    if (text.length < 3) return []
    const { civitai, huggingface } = this.parts.sources
    const ask = async (source: ModelSource): Promise<NeedSource[]> => {
      const query: SourceQuery = { text, limit: 20, nsfwLevels: 31 }
      const { value } = await source.search(query, signal)
      return value.flatMap((model) => fromModel(model, file))
    }
    const answers = await Promise.all([civitai, huggingface].map((source) => ask(source).catch(unanswered)))
    return distinct(answers.flat())
  }

  private fromEntry(file: NamedFile): NeedSource[] {
    const { entry } = file
    if (!entry?.url) return []
    try {
      const wish = wishOf(entry.url, this.parts.urls)
      if (wish.source === 'huggingface' && wish.path === undefined) return []
      return [
        sourceOf(
          wish,
          { urls: [entry.url], token: wish.source as SourceId, sha256: entry.sha256 },
          { file, foundBy: 'workflow' },
        ),
      ]
    } catch (cause) {
      // An address elsewhere: a workflow's word alone is not enough to fetch from anywhere.
      if (cause instanceof AppError && cause.reason === 'REFERENCE_INVALID') return []
      throw cause
    }
  }

  private async fromBundles(file: NamedFile): Promise<NeedSource[]> {
    const { shelf } = this.parts
    const sha256 = file.entry?.sha256
    const byHash = sha256 ? await shelf.byHash(sha256) : []
    const found = byHash.length > 0 ? byHash : await shelf.byName(file.name)
    const sources = found.flatMap(({ bundle, file: bundled }): NeedSource[] => {
      if (file.folder !== null && bundled.folder !== file.folder) return []
      const path = `${bundled.folder}/${bundled.filename}`
      const wish = wishFor(bundled.urls[0]!, this.parts.urls) ?? {
        source: 'bundle',
        bundleId: bundle.id,
        path,
      }
      const { urls, token, bytes, sha256: known } = bundled
      const facts = {
        urls,
        token: token ?? null,
        bytes: bytes ?? null,
        sha256: known ?? null,
        title: bundle.name,
      }
      return [sourceOf(wish, facts, { file, foundBy: byHash.length > 0 ? 'hash' : 'bundle' })]
    })
    return distinct(sources).slice(0, 1)
  }

  private async byHash(file: NamedFile, sha256: string, signal: AbortSignal): Promise<NeedSource[]> {
    const matches = await this.parts.sources.civitai.findByHashes!([sha256], signal).catch(unanswered)
    return matches.slice(0, 1).map((match): NeedSource => {
      const facts = civitaiFile(match, { fileId: match.file.id })
      const wish: ModelWish = { source: 'civitai', versionId: match.version.id, fileId: match.file.id }
      return sourceOf(wish, facts, { file, foundBy: 'hash', licence: match.model })
    })
  }
}

function wishFor(url: string, urls: SourceUrls): ModelWish | undefined {
  try {
    return wishOf(url, urls)
  } catch (cause) {
    if (cause instanceof AppError && cause.reason === 'REFERENCE_INVALID') return undefined
    throw cause
  }
}

/** A source that does not answer knows nothing for now. */
function unanswered(cause: unknown): [] {
  if (cause instanceof AppError && cause.code !== 'internal') return []
  if (cause instanceof DOMException) return []
  throw cause
}

type About = { file: NamedFile; foundBy: NeedSource['foundBy']; licence?: SourceModel }

/** It is to lie where the graph looks for it, under the name that the graph has. */
function sourceOf(
  wish: ModelWish,
  facts: Partial<ResolvedFile> & { urls: string[] },
  about: About,
): NeedSource {
  const { file, foundBy, licence } = about
  const folder = folderFor(file.folder) ?? folderFor(facts.folder ?? null) ?? 'other'
  return {
    wish: { ...wish, folder, filename: file.name },
    file: { gate: 'open', bytes: null, sha256: null, ...facts, folder, filename: file.name },
    foundBy,
    licence: licence ? toLicenceView(licence.licence) : null,
  }
}

function folderFor(folder: string | null): ModelFolder | undefined {
  return modelFolders.find((name) => name === folder)
}

function fromRow(row: CataloguedFile, file: NamedFile): NeedSource {
  const isCivitai = row.source === 'civitai'
  const wish: ModelWish = isCivitai
    ? { source: 'civitai', versionId: row.versionId, fileId: row.fileId }
    : { source: 'huggingface', repo: row.modelId, revision: row.versionId, path: row.fileId }
  const facts: Partial<ResolvedFile> & { urls: string[] } = {
    urls: [row.downloadUrl],
    token: row.source,
    folder: isCivitai ? folderOfFile(row.type, row) : folderOfPath(row.fileId, row.type),
    bytes: row.bytesExact ? row.bytes : null,
    sha256: row.sha256,
    gate: row.gate,
    approvalUrl: row.approvalUrl,
    title: row.modelName,
    source: row.source,
    modelId: row.modelId,
    versionId: row.versionId,
  }
  return { ...sourceOf(wish, facts, { file, foundBy: 'name' }), licence: toLicenceView(row.licence) }
}

/** Files of this name, whatever the model is called. */
function fromModel(model: SourceModel, file: NamedFile): NeedSource[] {
  if (model.mode !== null) return []
  return model.versions.flatMap((version) =>
    version.files
      .filter(({ name, format }) => format !== 'pickle' && mayBe(name, file.name))
      .map((found): NeedSource => {
        if (model.source === 'civitai') {
          const wish: ModelWish = { source: 'civitai', versionId: version.id, fileId: found.id }
          return sourceOf(wish, civitaiFile({ model, version }, { fileId: found.id }), {
            file,
            foundBy: 'name',
            licence: model,
          })
        }
        const wish: ModelWish = { source: 'huggingface', repo: model.id, path: found.id }
        const [facts] = repoFiles({ model, versionId: version.id, files: version.files }, wish)
        return sourceOf(wish, facts!, { file, foundBy: 'name', licence: model })
      }),
  )
}

/** Equal bytes are one candidate, wherever they are. */
function distinct(sources: readonly NeedSource[]): NeedSource[] {
  const seen = new Map(
    sources.map((source) => [source.file.sha256 ?? source.file.urls[0]!, source] as const).toReversed(),
  )
  return [...seen.values()].toReversed().slice(0, mostCandidates)
}

/** What people would type: the words of the name, without precision and numbering. */
function searchTextOf(name: string): string {
  const stem = name.slice(name.lastIndexOf('/') + 1).replace(/\.[a-z0-9]{1,11}$/i, '')
  return stem
    .replaceAll(/[_\-.]+/g, ' ')
    .trim()
    .slice(0, 120)
}
