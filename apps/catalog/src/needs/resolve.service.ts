import type { ModelWish, Resolved, ResolvedFile } from '@easel/contracts'
import { AppError, notFound } from '@easel/protocol'
import type { BundlesService } from '../bundles/bundles.service.ts'
import type { ModelSource } from '../sources/source.ts'
import type { SourceId, SourceModel } from '../sources/source-model.ts'
import { civitaiFile, latestVersion } from './civitai-files.ts'
import type { FoldersOfTypes } from './file-folder.ts'
import { eachOf } from './each-of.ts'
import { filePathOf } from './file-name.ts'
import type { FileFacts } from './file-facts.ts'
import type { NeedsRepository } from './needs.repository.ts'
import { mirrored, wishOf } from './reference.ts'
import type { SourceUrls } from './reference.ts'
import { repoFiles } from './repo-files.ts'

export type ResolveParts = {
  sources: Readonly<Record<SourceId, ModelSource>>
  bundles: Pick<BundlesService, 'choose'>
  held: NeedsRepository
  facts: FileFacts
  urls: SourceUrls
  folders: FoldersOfTypes
  /** Whether CivitAI may learn the hashes of files that are here. */
  lookupHashes: boolean
}

const atOnce = 6

/** What somebody wants → the files to fetch. */
export class ResolveService {
  constructor(private readonly parts: ResolveParts) {}

  async resolve(wishes: readonly ModelWish[]): Promise<Resolved> {
    const found = await eachOf(wishes, atOnce, async (wish, index) => {
      try {
        return placed(await this.filesOf(wish), wish)
      } catch (cause) {
        throw told(cause, wishes.length > 1 ? `wishes.${index}` : 'wish')
      }
    })
    const files = unique(found.flat())
    await this.markHeld(files)
    return { files, bytes: files.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0) }
  }

  private async filesOf(wish: ModelWish): Promise<ResolvedFile[]> {
    switch (wish.source) {
      case 'civitai':
        return [await this.ofCivitai(wish)]
      case 'huggingface':
        return this.ofRepo(wish)
      case 'hash':
        return [await this.ofHash(wish)]
      case 'reference':
        return this.filesOf(wishOf(required(wish.reference, 'reference'), this.parts.urls))
      case 'bundle':
        return this.ofBundle(wish)
    }
  }

  private async ofCivitai({ modelId, versionId, fileId }: ModelWish): Promise<ResolvedFile> {
    const { civitai } = this.parts.sources
    if (versionId !== undefined) {
      const { value } = await civitai.getVersion!(versionId)
      if (modelId !== undefined && value.modelId !== modelId) {
        throw notFound(`version ${versionId} of model ${modelId}`, 'MODEL_NOT_FOUND')
      }
      return civitaiFile(available(value), { fileId, folders: this.parts.folders })
    }
    const { value: model } = await civitai.getModel(required(modelId, 'modelId or versionId'))
    return civitaiFile(
      { model: available({ model }).model, version: latestVersion(model) },
      { fileId, folders: this.parts.folders },
    )
  }

  private async ofRepo(wish: ModelWish): Promise<ResolvedFile[]> {
    const { huggingface } = this.parts.sources
    const repo = required(wish.repo, 'repo')
    const { revision } = wish
    const at = revision === undefined ? {} : { revision }
    const [{ value: model }, { value: listed }] = await Promise.all([
      huggingface.getModel(repo, at),
      huggingface.listFiles(repo, at),
    ])
    return repoFiles({ model, versionId: listed.versionId, files: listed.files }, wish, this.parts.folders)
  }

  /** What is here already needs nobody who knows it. */
  private async ofHash(wish: ModelWish): Promise<ResolvedFile> {
    const hash = required(wish.hash, 'hash').toLowerCase()
    const held = await this.parts.held.findByHash(hash)
    const mayAsk = !held || this.parts.lookupHashes
    const asked = mayAsk ? this.parts.sources.civitai.findByHashes!([hash]) : Promise.resolve([])
    const matches = await asked.catch((cause: unknown) => {
      if (held) return []
      throw cause
    })
    const match = matches.find((item) => item.hash === hash)
    if (match) {
      return civitaiFile(match, { fileId: match.file.id, folders: this.parts.folders })
    }
    if (!held) throw notFound('model with this hash', 'MODEL_NOT_FOUND')
    const { path, folder, bytes, sha256 } = held
    const filename = path.slice(folder.length).replace(/^\//, '')
    return { urls: [], folder, filename, bytes, sha256, gate: 'open', libraryPath: path }
  }

  private async ofBundle({ bundleId, variant, path }: ModelWish): Promise<ResolvedFile[]> {
    const { bundle, files } = await this.parts.bundles.choose(required(bundleId, 'bundleId'), {
      variant,
      path,
    })
    return eachOf(files, atOnce, async (file): Promise<ResolvedFile> => {
      const known: ResolvedFile = {
        urls: file.urls.map((url) => mirrored(url, this.parts.urls)),
        token: file.token ?? null,
        folder: file.folder,
        filename: file.filename,
        bytes: file.bytes ?? null,
        sha256: file.sha256 ?? null,
        gate: 'open',
        title: bundle.name,
      }
      const fact = await this.parts.facts.find(file.urls[0]!)
      if (!fact) return known
      const { bytes, sha256, ...rest } = fact
      return {
        ...known,
        ...rest,
        bytes: known.bytes ?? bytes ?? null,
        sha256: known.sha256 ?? sha256 ?? null,
      }
    })
  }

  private async markHeld(files: ResolvedFile[]): Promise<void> {
    const hashes = files.flatMap(({ sha256 }) => (sha256 ? [sha256] : []))
    const held = new Map((await this.parts.held.listByHash(hashes)).map(({ sha256, path }) => [sha256, path]))
    for (const file of files) file.libraryPath ??= held.get(file.sha256 ?? null) ?? null
  }
}

/** Where the wish says, when it is for one file. */
function placed(files: ResolvedFile[], { folder, filename }: ModelWish): ResolvedFile[] {
  const [file] = files
  if (!file || (folder === undefined && filename === undefined)) return files
  if (files.length > 1) throw misplaced('Only a single file can be given a folder and a name')
  if (filename !== undefined && filename !== filePathOf(filename))
    throw misplaced('This is no name of a file')
  return [{ ...file, folder: folder ?? file.folder, filename: filename ?? file.filename }]
}

const misplaced = (message: string) =>
  new AppError('invalid', message, {
    reason: 'REFERENCE_INVALID',
    faults: [{ path: 'filename', message }],
  })

function required(value: string | undefined, name: string): string {
  if (value !== undefined) return value
  throw new AppError('invalid', `This wish needs ${name}`, {
    reason: 'REFERENCE_INVALID',
    faults: [{ path: name, message: 'Is needed here' }],
  })
}

function available<T extends { model: SourceModel }>(found: T): T {
  if (found.model.mode === null) return found
  const why = found.model.mode === 'archived' ? 'archived' : 'taken down'
  throw new AppError('not_found', `${found.model.name} was ${why}: it cannot be downloaded`, {
    reason: 'MODEL_NOT_FOUND',
  })
}

/** The source's own words, under the reasons that the contract names. */
function told(cause: unknown, path: string): unknown {
  if (!(cause instanceof AppError)) return cause
  const reason = reasonOf(cause)
  if (reason === undefined) return cause
  const { message, extra } = cause
  const faults = [{ path, message }]
  return new AppError(cause.code, message, { ...extra, reason, faults, cause })
}

function reasonOf({ code, reason }: AppError): string | undefined {
  if (reason === 'REFERENCE_INVALID' || reason === 'BUNDLE_NOT_FOUND') return reason
  if (code === 'not_found') return 'MODEL_NOT_FOUND'
  if (code === 'forbidden' || code === 'unauthenticated') return 'MODEL_GATED'
  if (code === 'exhausted' || code === 'unavailable' || code === 'deadline') return 'SOURCE_UNAVAILABLE'
  return undefined
}

/** Two wishes for one file are one. */
function unique(files: readonly ResolvedFile[]): ResolvedFile[] {
  return [...new Map(files.map((file) => [`${file.folder}/${file.filename}`, file])).values()]
}
