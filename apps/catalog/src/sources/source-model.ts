import type { Gate as GateKind, ModelType, RemoteSourceId } from '@easel/contracts'

/* What the sources bring, in one shape: dates are ISO text, hashes lower-case hex, sizes bytes. */

export type SourceId = RemoteSourceId

/** Bits of `nsfwLevel`: a model or image has every level that its content reaches. */
export const nsfwBits = { pg: 1, pg13: 2, r: 4, x: 8, xxx: 16, blocked: 32 } as const

export type SourceModel = {
  readonly source: SourceId
  /** CivitAI's number as text, or Hugging Face's `owner/name`. */
  readonly id: string
  readonly name: string
  readonly type: ModelType
  /** The type as the source writes it: `LORA`, `text-to-image`, … */
  readonly sourceType: string | null
  readonly creator: { readonly name: string; readonly image: string | null } | null
  /** Plain text, for search. */
  readonly description: string | null
  /** Without raw HTML, links to http and https only: safe to show. */
  readonly descriptionMarkdown: string | null
  readonly tags: readonly string[]
  readonly nsfwLevel: number
  readonly licence: SourceLicence
  readonly stats: SourceStats
  readonly publishedAt: string | null
  readonly updatedAt: string | null
  /** Its page for people. */
  readonly pageUrl: string
  /** Taken down or archived upstream: listed, but nothing can be fetched. */
  readonly mode: 'archived' | 'taken-down' | null
  /** Newest first. Hugging Face has one: the commit the revision pointed to. */
  readonly versions: readonly SourceVersion[]
  /** Hugging Face's `base_model` tags: what it was made from. */
  readonly derivedFrom: readonly string[]
  readonly task: string | null
  readonly library: string | null
  /** The whole answer of the source for this model. */
  readonly raw: unknown
}

export type SourceLicence = {
  /** `apache-2.0`, `other`, … Null where the source has only flags (CivitAI). */
  readonly id: string | null
  readonly name: string | null
  readonly url: string | null
  /** Commercial uses that are allowed; empty is none; null is not told. */
  readonly commercialUse: readonly CommercialUse[] | null
  readonly derivatives: boolean | null
  /** The creator must be named. */
  readonly credit: boolean | null
  /** Derivatives must keep the licence. */
  readonly sameLicence: boolean | null
  readonly gate: Gate
}

export const commercialUses = ['image', 'rent-civitai', 'rent', 'sell'] as const
export type CommercialUse = (typeof commercialUses)[number]

/** What stands before the files. */
export type Gate = {
  /** `terms` are accepted at once, `approval` is given by the owner. */
  readonly kind: GateKind
  /** Of early access: when it ends, if it is told. */
  readonly until: string | null
  /** The page where a person accepts terms, asks or pays; null when open. */
  readonly approvalUrl: string | null
}

export const open: Gate = { kind: 'open', until: null, approvalUrl: null }

export type SourceStats = {
  readonly downloads: number | null
  readonly likes: number | null
  readonly dislikes: number | null
  /** Of 5. */
  readonly rating: number | null
}

export const noStats: SourceStats = { downloads: null, likes: null, dislikes: null, rating: null }

export type SourceVersion = {
  /** CivitAI's version number as text, or a commit. */
  readonly id: string
  readonly name: string
  /** As the source writes it: `SDXL 1.0`. */
  readonly baseModel: string | null
  readonly description: string | null
  readonly trainedWords: readonly string[]
  readonly publishedAt: string | null
  readonly air: string | null
  readonly downloadUrl: string | null
  readonly stats: SourceStats
  readonly nsfwLevel: number
  /** `early-access` of this version alone. */
  readonly gate: Gate
  readonly files: readonly SourceFile[]
  readonly images: readonly SourceImage[]
}

export type ScanResult = 'pending' | 'success' | 'danger' | 'error'

export type SourceFile = {
  /** CivitAI's file number as text, or the path in the repository. */
  readonly id: string
  readonly name: string
  /** `Model`, `VAE`, `Text Encoder`, … as CivitAI writes it; null on Hugging Face. */
  readonly role: string | null
  readonly format: 'safetensors' | 'gguf' | 'pickle' | 'diffusers' | 'onnx' | 'core-ml' | 'other'
  readonly precision: string | null
  /** `Q4_K_M`, … */
  readonly quant: string | null
  /** `full` or `pruned`. */
  readonly size: string | null
  /** CivitAI tells KiB as a float: right to within a KiB unless `bytesExact`. */
  readonly bytes: number | null
  readonly bytesExact: boolean
  readonly sha256: string | null
  readonly autoV1: string | null
  readonly autoV2: string | null
  readonly autoV3: string | null
  readonly crc32: string | null
  readonly blake3: string | null
  readonly scans: {
    readonly pickle: ScanResult | null
    readonly pickleText: string | null
    readonly virus: ScanResult | null
    readonly virusText: string | null
    readonly scannedAt: string | null
  }
  readonly primary: boolean
  readonly downloadUrl: string
}

export type SourceImage = {
  readonly id: string | null
  readonly url: string
  readonly kind: 'image' | 'video'
  readonly width: number | null
  readonly height: number | null
  readonly nsfwLevel: number
  /** BlurHash. */
  readonly hash: string | null
  readonly meta: ImageMeta | null
  /** As the source has it, unknown fields too. */
  readonly rawMeta: unknown
}

export type ImageMeta = {
  readonly prompt: string | null
  readonly negative: string | null
  readonly seed: number | null
  readonly steps: number | null
  readonly sampler: string | null
  readonly scheduler: string | null
  readonly cfg: number | null
  /** `832x1216` */
  readonly size: string | null
  readonly model: string | null
  readonly loras: readonly {
    readonly name: string
    readonly weight: number | null
    readonly hash: string | null
  }[]
}
