import { usageError } from '../exit-codes.ts'
import type { CreateDownload, ModelWish } from '@easel/client'

/** What says more about a wish than its text does. */
export type WishOptions = {
  versionId?: string
  modelId?: string
  hash?: string
  fileId?: string
  repo?: string
  revision?: string
  path?: string
  pattern?: string[]
  bundle?: string
  variant?: string
}

/** Pages and files of these the server knows how to read; elsewhere an address is just a file. */
const knownHosts = /^https?:\/\/(www\.)?(civitai\.(com|red|green)|huggingface\.co|hf\.co)\//i

/**
 * What is to be downloaded: addresses, AIRs, `civitai:4201@4202`, `hf:owner/name[/path]`, `bundle:id`, or what the
 * options say. Several become one download of several files.
 */
export function readWishes(
  texts: readonly string[],
  options: WishOptions & { folder?: string },
): CreateDownload {
  const wishes = [...texts.map((text) => readWish(text, options)), ...fromOptions(options)]
  const [first, ...others] = wishes
  if (!first) throw usageError('Say what to download: an address, civitai:4201, hf:owner/name, or see --help')
  if (others.length === 0) return first
  if (wishes.some(({ source }) => source === 'url')) {
    throw usageError('A plain address is a download of its own: ask for it alone')
  }
  return { source: 'files', files: wishes as ModelWish[] }
}

function readWish(text: string, options: WishOptions & { folder?: string }): CreateDownload {
  if (/^https?:\/\/./i.test(text)) {
    const isPlain = options.folder !== undefined || !knownHosts.test(text)
    return isPlain ? { source: 'url', url: text } : { source: 'reference', reference: text }
  }
  if (/^(urn:air:|hf:\/\/)/.test(text)) return { source: 'reference', reference: text }
  const [, civitai, version] = /^civitai:(\d+)?(?:@(\d+))?$/.exec(text) ?? []
  if (version !== undefined) return { source: 'civitai', versionId: version }
  if (civitai !== undefined) return { source: 'civitai', modelId: civitai }
  const [, repo, revision, path] =
    /^(?:hf|huggingface):([\w.-]+\/[\w.-]+)(?:@([^/]+))?(?:\/(.+))?$/.exec(text) ?? []
  if (repo !== undefined) return ofRepo({ ...options, repo, revision: revision ?? options.revision, path })
  const [, bundleId] = /^bundle:(.+)$/.exec(text) ?? []
  if (bundleId !== undefined) return ofBundle(bundleId, options)
  if (/^[0-9a-f]{64}$/i.test(text)) return { source: 'hash', hash: text }
  throw usageError(`${text} is neither something to download nor a command of easel dl`)
}

function fromOptions(options: WishOptions): CreateDownload[] {
  const { versionId, modelId, fileId, hash, repo, bundle } = options
  const file = fileId === undefined ? {} : { fileId }
  return [
    ...(versionId === undefined ? [] : [{ source: 'civitai' as const, versionId, ...file }]),
    ...(modelId === undefined ? [] : [{ source: 'civitai' as const, modelId, ...file }]),
    ...(hash === undefined ? [] : [{ source: 'hash' as const, hash }]),
    ...(repo === undefined ? [] : [ofRepo({ ...options, repo })]),
    ...(bundle === undefined ? [] : [ofBundle(bundle, options)]),
  ]
}

function ofRepo({ repo, revision, path, pattern }: WishOptions & { repo: string }): CreateDownload {
  return {
    source: 'huggingface',
    repo,
    ...(revision !== undefined && { revision }),
    ...(path !== undefined && { path }),
    ...(pattern !== undefined && path === undefined && { patterns: pattern }),
  }
}

function ofBundle(bundleId: string, { variant }: WishOptions): CreateDownload {
  return { source: 'bundle', bundleId, ...(variant !== undefined && { variant }) }
}
