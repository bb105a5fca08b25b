import type { BundleFile, ModelFolder, PutBundle } from '@easel/contracts'
import { familyOf } from '../families/family-of.ts'
import { wangpFolder } from '../library/type-folders.ts'
import { folderOfPath } from '../needs/file-folder.ts'
import { fileNameOf, filePathOf } from '../needs/file-name.ts'
import { ManifestProblem } from './wangp-manifest.ts'
import type { WangpManifests } from './wangp-manifest.ts'

const mostFiles = 200

/** A manifest as a bundle. */
export function bundleOf(name: string, manifests: WangpManifests): PutBundle {
  const model = manifests.get(name)
  const files = [
    ...transformersOf(name, manifests),
    ...manifests
      .modulesOf(name)
      .flatMap((urls, index) =>
        alternatives(urls, { what: `module ${index + 1}`, folder: 'diffusion_models' }),
      ),
    ...alternatives(manifests.urlsOf(name, 'text_encoder_URLs'), {
      what: 'text encoder',
      folder: 'text_encoders',
    }),
    ...alternatives(manifests.urlsOf(name, 'VAE_URLs'), { what: 'VAE', folder: 'vae' }),
    ...['preload_URLs', 'loras', 'ltx2_lora_distilled'].flatMap((key) =>
      manifests
        .urlsOf(name, key)
        .map((url) => fileOf(url, { folder: key === 'preload_URLs' ? undefined : 'loras' })),
    ),
  ]
  const distinct = [
    ...new Map(files.map((file) => [`${file.folder}/${file.filename}`.toLowerCase(), file])).values(),
  ]
  if (distinct.length === 0) throw new ManifestProblem('It names no file that could be fetched')
  const title = textOf(model.name) ?? name
  const family = familyOf({
    names: [textOf(model.architecture), name, title, ...distinct.map(({ filename }) => filename)],
  })
  return {
    id: idOf(name),
    name: title.slice(0, 100),
    description: (textOf(model.description) ?? '').replaceAll(/<[^<>]*>/g, '').slice(0, 2_000),
    family: family?.id ?? null,
    licence: null,
    files: distinct.slice(0, mostFiles),
  }
}

/** `URLs` is the model, or of a pair the half for the noisy steps; `URLs2` is the other. */
function transformersOf(name: string, manifests: WangpManifests): BundleFile[] {
  const first = manifests.urlsOf(name, 'URLs')
  const second = manifests.urlsOf(name, 'URLs2')
  const isPair = second.length > 0
  return [
    ...alternatives(first, {
      what: 'model',
      folder: 'diffusion_models',
      ...(isPair && { noise: 'high' as const }),
    }),
    ...alternatives(second, { what: 'model', folder: 'diffusion_models', noise: 'low' }),
  ]
}

type Role = { what?: string; folder: ModelFolder | undefined; noise?: 'high' | 'low' }

/**
 * The same in several precisions. A plain one and a quantized one are one choice; of more nobody knows which replace
 * each other: the first is needed, the others are of use.
 */
function alternatives(urls: readonly string[], role: Role & { what: string }): BundleFile[] {
  const files = urls.map((url) => fileOf(url, role))
  const isChoice = files.length === 2 && files.filter((file) => isQuanto(file.filename)).length === 1
  if (isChoice) return files.map((file) => ({ ...file, choice: role.what }))
  return files.map((file, index) => (index === 0 ? file : { ...file, optional: true }))
}

const isQuanto = (name: string): boolean => /[_-]quanto[_-]/i.test(name)

function fileOf(entry: string, { folder, noise }: Role): BundleFile {
  // What stands behind the bar is a folder, `%lora_dir` that of the LoRAs.
  const [url = '', below = ''] = entry.split('|')
  const address = URL.parse(url)
  if (!address) throw new ManifestProblem(`This is no address: ${url.slice(0, 100)}`)
  const name = fileNameOf(decoded(address.pathname))
  const place = below.includes('%lora_dir') ? 'loras' : folder
  const isLora = place === 'loras' || (place === undefined && wangpFolder(name) !== 'ckpts')
  const inside = filePathOf(below.replace('%lora_dir', ''))
  const prefix = inside !== '' ? `${inside}/` : isLora ? familyFolder(name) : ''
  const half = noise ?? halfOf(name)
  const precision = precisionOf(name)
  return {
    folder: isLora ? 'loras' : (place ?? (folderOfPath(name, 'other') as ModelFolder)),
    filename: `${prefix}${name}`,
    urls: [address.href],
    token: /(^|\.)(huggingface\.co|hf\.co)$/.test(address.hostname) ? 'huggingface' : null,
    bytes: null,
    sha256: null,
    ...(precision && { precision }),
    ...(half && { noise: half }),
  }
}

/** `loras_flux` of WanGP is `loras/flux` here: ComfyUI has one folder of LoRAs. */
function familyFolder(name: string): string {
  const folder = wangpFolder(name.toLowerCase().includes('lora') ? name : `lora_${name}`)
  return folder.startsWith('loras_') ? `${folder.slice('loras_'.length)}/` : ''
}

/** A LoRA for one half of a pair says so in its name. */
function halfOf(name: string): 'high' | 'low' | undefined {
  const found = /(?:^|[_.-])(high|low)(?:[_.-]|noise)/i.exec(name)?.[1]?.toLowerCase()
  return found === 'high' || found === 'low' ? found : undefined
}

function precisionOf(name: string): string | undefined {
  const lower = name.toLowerCase()
  const quant = /q\d_(?:k(?:_[sml])?|\d)/.exec(lower)?.[0]
  if (lower.endsWith('.gguf') && quant) return quant
  if (isQuanto(name)) return lower.includes('int8') ? 'quanto-int8' : 'quanto'
  return /(?:^|[_.-]m?)(bf16|fp16|fp8|fp4|int4|int8|fp32)(?=[_.-]|$)/.exec(lower)?.[1]
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined

function idOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
  return `wangp-${slug}`.slice(0, 64)
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
