import type { CreateDownload, ModelWish } from '@easel/contracts'
import { AppError } from '@easel/protocol'

/** What the catalogue is to find; undefined where an address was given. Says what is missing, and what to do. */
export function wishesOf(input: CreateDownload): ModelWish[] | undefined {
  const { source = 'url' } = input
  if (source === 'url') return undefined
  if (source === 'files') {
    if (!input.files) throw lacking('files', 'Name the files: a list of wishes, each with its source')
    for (const [index, wish] of input.files.entries()) requireWhole(wish, `files.${index}.`)
    return input.files
  }
  const { modelId, versionId, fileId, hash, repo, revision, path, patterns, reference, bundleId, variant } =
    input
  const wish = {
    source,
    modelId,
    versionId,
    fileId,
    hash,
    repo,
    revision,
    path,
    patterns,
    reference,
    bundleId,
    variant,
  }
  requireWhole(wish, '')
  const given = Object.entries(wish).filter(([, value]) => value !== undefined)
  return [Object.fromEntries(given) as unknown as ModelWish]
}

type Loose<T> = { [K in keyof T]?: T[K] | undefined }

function requireWhole(wish: Loose<ModelWish>, at: string): void {
  if (wish.source === 'civitai' && wish.modelId === undefined && wish.versionId === undefined) {
    throw lacking(`${at}versionId`, 'CivitAI needs a versionId, or a modelId for its newest version')
  }
  if (wish.source === 'hash' && wish.hash === undefined) {
    throw lacking(`${at}hash`, 'Give the hash: SHA-256, AutoV2 or AutoV3')
  }
  if (wish.source === 'huggingface' && wish.repo === undefined) {
    throw lacking(
      `${at}repo`,
      'Hugging Face needs a repo (owner/name); with a path one file of it, with patterns some, without both all',
    )
  }
  if (wish.path !== undefined && wish.patterns !== undefined) {
    throw lacking(`${at}patterns`, 'Give a path for one file or patterns for several, not both')
  }
  if (wish.source === 'reference' && wish.reference === undefined) {
    throw lacking(`${at}reference`, "Give the reference: an AIR, hf://…, or the address of a model's page")
  }
  if (wish.source === 'bundle' && wish.bundleId === undefined) {
    throw lacking(`${at}bundleId`, 'Give the id of the bundle')
  }
}

export function lacking(path: string, message: string): AppError {
  return new AppError('invalid', message, { faults: [{ path, message }] })
}
