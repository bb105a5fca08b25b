import type { ModelWish } from '@easel/contracts'
import { AppError } from '@easel/protocol'

/** Where CivitAI and Hugging Face, or mirrors of them, were set to be. */
export type SourceUrls = { readonly civitai?: string; readonly huggingface?: string }

const civitaiHosts: ReadonlySet<string> = new Set([
  'civitai.com',
  'www.civitai.com',
  'civitai.red',
  'civitai.green',
])
const huggingfaceHosts: ReadonlySet<string> = new Set(['huggingface.co', 'www.huggingface.co', 'hf.co'])

const number = /^\d{1,12}$/
const namePart = /^[A-Za-z0-9][\w.-]{0,95}$/
/** First parts of paths at Hugging Face that are no owner of models. */
const otherThings: ReadonlySet<string> = new Set([
  'api',
  'blog',
  'collections',
  'datasets',
  'docs',
  'join',
  'login',
  'models',
  'organizations',
  'papers',
  'settings',
  'spaces',
  'tasks',
])

/**
 * What a reference means: an AIR (`urn:air:sdxl:checkpoint:civitai:101055@128078`, short `civitai:101055@128078`),
 * `hf://owner/name[@revision][/path]`, or the address of a model, version or file at CivitAI or Hugging Face.
 * Anything else: REFERENCE_INVALID.
 */
export function wishOf(reference: string, urls: SourceUrls = {}): ModelWish {
  const text = reference.trim()
  const wish = fromAir(text) ?? fromHf(text) ?? fromAddress(text, urls)
  if (wish) return wish
  throw new AppError('invalid', 'This is no AIR, no hf://… and no address at CivitAI or Hugging Face', {
    reason: 'REFERENCE_INVALID',
    faults: [{ path: 'reference', message: 'Give an AIR, hf://owner/name/path or the address of a model' }],
  })
}

function fromAir(text: string): ModelWish | undefined {
  const air = /^(?:(?:urn:)?air:[\w.-]+:[\w.-]+:)?(civitai|huggingface):([^@:]+)(?:@([^:]+))?(?::.*)?$/i.exec(
    text,
  )
  if (!air) return undefined
  const [, source, id = '', version] = air
  if (source!.toLowerCase() === 'huggingface') {
    const [owner = '', name = '', ...path] = id.split('/')
    return repoWish(owner, name, { revision: version, path: path.join('/') })
  }
  if (!number.test(id) || (version !== undefined && !number.test(version))) return undefined
  return { source: 'civitai', modelId: id, ...(version === undefined ? {} : { versionId: version }) }
}

function fromHf(text: string): ModelWish | undefined {
  if (!text.startsWith('hf://')) return undefined
  const [owner = '', nameAndRevision = '', ...path] = text.slice('hf://'.length).split('/')
  if (otherThings.has(owner)) return undefined
  const at = nameAndRevision.indexOf('@')
  const name = at < 0 ? nameAndRevision : nameAndRevision.slice(0, at)
  const revision = at < 0 ? undefined : decoded(nameAndRevision.slice(at + 1))
  return repoWish(owner, name, { revision, path: path.map((part) => decoded(part) ?? '').join('/') })
}

function fromAddress(text: string, urls: SourceUrls): ModelWish | undefined {
  const url = URL.parse(/^[\w.-]+\.(com|co|red|green)\//.test(text) ? `https://${text}` : text)
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) return undefined
  const parts = url.pathname.split('/').flatMap((part) => (part === '' ? [] : [decoded(part) ?? '']))
  if (civitaiHosts.has(url.hostname) || url.host === hostOf(urls.civitai))
    return fromCivitai(parts, url.searchParams)
  if (huggingfaceHosts.has(url.hostname) || url.host === hostOf(urls.huggingface)) return fromRepoPage(parts)
  return undefined
}

function fromCivitai(parts: readonly string[], query: URLSearchParams): ModelWish | undefined {
  const path = parts.join('/')
  const id = /(?:^|\/)(models|model-versions)\/(\d{1,12})(?:\/|$)/.exec(path)
  if (!id) return undefined
  const ofVersion = id[1] === 'model-versions' || path.startsWith('api/download/')
  const fileId = query.get('fileId') ?? ''
  const version = ofVersion ? id[2]! : (query.get('modelVersionId') ?? '')
  return {
    source: 'civitai',
    ...(ofVersion ? {} : { modelId: id[2]! }),
    ...(number.test(version) ? { versionId: version } : {}),
    ...(number.test(fileId) ? { fileId } : {}),
  }
}

function fromRepoPage([owner = '', name = '', view, revision, ...path]: readonly string[]) {
  if (otherThings.has(owner)) return undefined
  switch (view) {
    case undefined:
      return repoWish(owner, name, {})
    case 'tree':
      return repoWish(owner, name, {
        revision,
        patterns: path.length > 0 ? [`${path.join('/')}/*`] : undefined,
      })
    case 'blob':
    case 'resolve':
    case 'raw':
      return path.length > 0 ? repoWish(owner, name, { revision, path: path.join('/') }) : undefined
    default:
      return undefined
  }
}

type Place = {
  revision?: string | undefined
  path?: string | undefined
  patterns?: string[] | undefined
}

function repoWish(owner: string, name: string, { revision, path, patterns }: Place): ModelWish | undefined {
  if (!namePart.test(owner) || !namePart.test(name)) return undefined
  if (path !== undefined && path.split('/').some((part) => part === '..' || part === '.')) return undefined
  return {
    source: 'huggingface',
    repo: `${owner}/${name}`,
    ...(revision ? { revision } : {}),
    ...(path ? { path } : {}),
    ...(patterns ? { patterns } : {}),
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

const hostOf = (url: string | undefined): string | undefined => (url ? URL.parse(url)?.host : undefined)

/** The same file where it is fetched from here: at a mirror, if one is set. */
export function mirrored(address: string, urls: SourceUrls): string {
  const url = URL.parse(address)
  if (!url) return address
  const base = civitaiHosts.has(url.hostname)
    ? urls.civitai
    : huggingfaceHosts.has(url.hostname)
      ? urls.huggingface
      : undefined
  return base && hostOf(base) !== url.host ? `${base}${url.pathname}${url.search}` : address
}
