import type { CollectionEntry, LoraReference, ModelWish, ResolvedFile } from '@easel/contracts'
import { AppError } from '@easel/protocol'
import type { BundleShelf } from '../bundles/bundle-shelf.ts'
import { pathOf } from '../bundles/bundle-status.ts'
import { wishOf } from '../needs/reference.ts'
import type { SourceUrls } from '../needs/reference.ts'
import type { ResolveService } from '../needs/resolve.service.ts'
import type { KnownLorasRepository } from './known-loras.repository.ts'

export type LoraReferencesParts = {
  rows: KnownLorasRepository
  shelf: BundleShelf
  resolving: Pick<ResolveService, 'resolve'>
  urls: SourceUrls
  /** Where LoRAs go. */
  folder: string
}

const weights = /\.(safetensors|sft|gguf|pt|ckpt|bin)$/i
const loraTypes: ReadonlySet<string> = new Set(['lora', 'locon', 'dora'])

/** What somebody names → the one LoRA that is meant, pinned to its version and, where that is told, its hash. */
export class LoraReferences {
  private readonly parts: LoraReferencesParts

  constructor(parts: LoraReferencesParts) {
    this.parts = parts
  }

  /** @throws LORA_NOT_FOUND, NOT_A_LORA; SOURCE_UNAVAILABLE only where nobody else knows which file is meant */
  async check(entry: Pick<CollectionEntry, 'lora' | 'reference'>, at: string): Promise<LoraReference> {
    const lora = this.named(entry, at)
    switch (lora.source) {
      case 'library':
        return this.ofLibrary(lora, at)
      case 'bundle':
        return this.ofBundle(lora, at)
      case 'civitai':
        return this.ofCivitai(lora, at)
      case 'huggingface':
        return this.ofRepo(lora, at)
    }
  }

  private named({ lora, reference }: Pick<CollectionEntry, 'lora' | 'reference'>, at: string): LoraReference {
    if (lora) return lora
    if (reference === undefined) throw fault(`${at}.lora`, 'Say which LoRA: `lora`, or a `reference`')
    const wish = wishOf(reference, this.parts.urls)
    const { source, modelId, versionId, fileId, repo, revision, path } = wish
    return source === 'civitai'
      ? { source, modelId, versionId, fileId }
      : { source: 'huggingface', repo, revision, path }
  }

  private async ofLibrary({ libraryFileId, sha256 }: LoraReference, at: string): Promise<LoraReference> {
    const [file] = await this.parts.rows.listHeld({
      ids: libraryFileId ? [libraryFileId] : [],
      hashes: sha256 ? [sha256.toLowerCase()] : [],
      paths: [],
      versionIds: [],
    })
    if (!file) throw noLora(`${at}.lora`, 'No such file in the library')
    const isLora = file.type === null ? file.folder === 'loras' : loraTypes.has(file.type)
    if (!isLora) throw notALora(`${at}.lora`, file.path)
    return { source: 'library', libraryFileId: file.id, sha256: file.sha256, path: file.path }
  }

  private async ofBundle({ bundleId, path }: LoraReference, at: string): Promise<LoraReference> {
    const bundle = (await this.parts.shelf.all()).get(bundleId ?? '')
    const file = bundle?.files.find((each) => pathOf(each) === path)
    if (!bundle || !file) throw noLora(`${at}.lora`, 'No such file in this bundle')
    if (file.folder !== 'loras') throw notALora(`${at}.lora`, pathOf(file))
    return { source: 'bundle', bundleId: bundle.id, path: pathOf(file), sha256: file.sha256 ?? null }
  }

  private async ofCivitai({ modelId, versionId, fileId }: LoraReference, at: string): Promise<LoraReference> {
    if (!modelId && !versionId) throw fault(`${at}.lora.versionId`, 'CivitAI needs a version or a model')
    const [known] = versionId
      ? await this.parts.rows.listVersions([{ place: 0, versionId, fileId: fileId ?? null }])
      : []
    if (known) {
      if (!loraTypes.has(known.type)) throw notALora(`${at}.lora`, known.modelName)
      return { source: 'civitai', modelId: known.modelId, versionId: known.versionId, fileId: fileId ?? null }
    }
    const asked = { source: 'civitai' as const, ...given({ modelId, versionId, fileId }) }
    const file = await this.resolved(asked, at, Boolean(versionId))
    if (!file) return { ...asked, source: 'civitai' }
    if (file.folder !== this.parts.folder) throw notALora(`${at}.lora`, file.title ?? file.filename)
    return {
      source: 'civitai',
      modelId: file.modelId ?? null,
      versionId: file.versionId ?? null,
      fileId: fileId ?? null,
    }
  }

  private async ofRepo({ repo, revision, path, sha256 }: LoraReference, at: string): Promise<LoraReference> {
    if (!repo) throw fault(`${at}.lora.repo`, 'Hugging Face needs a repo (owner/name)')
    if (path?.split('/').includes('..')) throw fault(`${at}.lora.path`, 'This is no file of a repository')
    const wish = { source: 'huggingface' as const, repo, ...given({ revision, path }) }
    const file = await this.resolved(wish, at, Boolean(path))
    if (!file) return { source: 'huggingface', repo, revision, path, sha256: sha256 ?? null }
    const url = URL.parse(file.urls[0] ?? '')
    const found =
      path ?? decodeURIComponent(url?.pathname.split('/resolve/')[1]?.replace(/^[^/]+\//, '') ?? '')
    return {
      source: 'huggingface',
      repo: file.modelId ?? repo,
      revision: file.versionId ?? revision ?? null,
      path: found,
      sha256: file.sha256 ?? null,
    }
  }

  /** Undefined: the source does not answer now, and what was said is enough to ask later. */
  private async resolved(wish: ModelWish, at: string, isEnough: boolean): Promise<ResolvedFile | undefined> {
    try {
      const { files } = await this.parts.resolving.resolve([wish])
      const loras = files.filter(({ filename }) => weights.test(filename))
      if (loras.length === 1) return loras[0]
      if (loras.length === 0) throw notALora(`${at}.lora`, wish.repo ?? 'this')
      const names = loras.slice(0, 10).map(({ filename }) => filename.slice(filename.lastIndexOf('/') + 1))
      throw fault(`${at}.lora.path`, `Say which of its files: ${names.join(', ')}`)
    } catch (cause) {
      const { reason } = AppError.from(cause)
      if (reason === 'SOURCE_UNAVAILABLE' && isEnough) return undefined
      if (reason === 'MODEL_GATED' && isEnough) return undefined
      if (reason === 'MODEL_NOT_FOUND') throw noLora(`${at}.lora`, (cause as AppError).message)
      throw cause
    }
  }
}

function given(fields: Readonly<Record<string, string | null | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value ? [[name, value] as const] : [])),
  )
}

const fault = (path: string, message: string) =>
  new AppError('invalid', message, { faults: [{ path, message }] })

const noLora = (path: string, message: string) =>
  new AppError('not_found', message, { reason: 'LORA_NOT_FOUND', faults: [{ path, message }] })

const notALora = (path: string, what: string) =>
  new AppError('invalid', `${what} is no LoRA`, {
    reason: 'NOT_A_LORA',
    faults: [{ path, message: 'must be a LoRA' }],
  })

/** What the downloader is to be asked for; undefined where nobody says what to ask for. */
export function wishOfLora(lora: LoraReference): ModelWish | undefined {
  const { modelId, versionId, fileId, repo, revision, path, bundleId, sha256 } = lora
  switch (lora.source) {
    case 'civitai':
      return versionId || modelId
        ? { source: 'civitai', ...given({ modelId, versionId, fileId }) }
        : undefined
    case 'huggingface':
      return repo && path
        ? { source: 'huggingface', repo, path, ...given({ revision }), folder: 'loras' }
        : undefined
    case 'bundle':
      return bundleId && path ? { source: 'bundle', bundleId, path } : undefined
    case 'library':
      return sha256 ? { source: 'hash', hash: sha256 } : undefined
  }
}
