import type { ModelType, SearchPeriod } from '@easel/contracts'
import type { CommercialUse, SourceFile, SourceId, SourceModel, SourceVersion } from './source-model.ts'

/**
 * One outside catalogue. Everything may throw `AppError`: `not_found` (MODEL_NOT_FOUND, FILE_NOT_FOUND, …),
 * `forbidden` (TOKEN_REQUIRED, TOKEN_INVALID, GATED, EARLY_ACCESS, DOWNLOADS_DISABLED, LEGALLY_UNAVAILABLE, each
 * with `details.approvalUrl` where there is a page), `exhausted` (SOURCE_RATE_LIMITED, with `retryAfterMs`) and
 * `unavailable` (SOURCE_UNAVAILABLE).
 */
export interface ModelSource {
  readonly id: SourceId
  search(query: SourceQuery, signal?: AbortSignal): Promise<SourcePage>
  getModel(id: string, options?: GetModelOptions): Promise<Fetched<SourceModel>>
  /** CivitAI only. The model has just this version, and of its own fields only name and type. */
  getVersion?(id: string, signal?: AbortSignal): Promise<Fetched<VersionOfModel>>
  /** CivitAI only. Any of its hash kinds; unknown ones are left out. */
  findByHashes?(hashes: readonly string[], signal?: AbortSignal): Promise<HashMatch[]>
  /** Every file with size and hash: all of a repository, or those of a model's newest version. */
  listFiles(id: string, options?: ListFilesOptions): Promise<Fetched<SourceFiles>>
}

export type GetModelOptions = {
  readonly revision?: string
  /** Ask even when what is known is fresh. */
  readonly refresh?: boolean
  readonly signal?: AbortSignal
}

export type ListFilesOptions = GetModelOptions & {
  /** Only at or below this folder of a repository. */
  readonly below?: string
}

export const sourceSorts = [
  'relevance',
  'downloads',
  'likes',
  'rating',
  'newest',
  'oldest',
  'trending',
  'updated',
] as const

/** Each adapter turns it into its API's own names and values, and tells of what it cannot honour. */
export type SourceQuery = {
  readonly text?: string
  readonly types?: readonly ModelType[]
  /** Families (`sdxl`) or base models as CivitAI writes them (`SDXL 1.0`). */
  readonly bases?: readonly string[]
  readonly period?: SearchPeriod
  readonly sort?: (typeof sourceSorts)[number]
  readonly direction?: 'ascending' | 'descending'
  readonly tag?: string
  /** CivitAI's user name, Hugging Face's author. */
  readonly creator?: string
  /** Bits that may be seen, as `nsfwBits`; left out: PG only. */
  readonly nsfwLevels?: number
  readonly commercialUse?: CommercialUse
  /** Hugging Face's `pipeline_tag`. */
  readonly task?: string
  readonly library?: string
  /** Further tags of Hugging Face (`license:mit`, `language`). */
  readonly filters?: readonly string[]
  readonly gated?: boolean
  readonly cursor?: string
  /** At most 100; default 25. */
  readonly limit?: number
}

export type SourcePage = Fetched<readonly SourceModel[]> & {
  readonly nextCursor: string | null
}

export type Fetched<T> = {
  readonly value: T
  /** The source did not answer: this is what it said before. */
  readonly stale: boolean
  /** When the source said so. */
  readonly fetchedAt: string
  /** What was odd in the answer or could not be honoured, with how often. */
  readonly warnings: readonly SourceWarning[]
}

export type SourceWarning = { readonly text: string; readonly count: number }

export type VersionOfModel = {
  readonly modelId: string
  readonly modelName: string
  readonly model: SourceModel
  readonly version: SourceVersion
  readonly raw: unknown
}

export type HashMatch = VersionOfModel & {
  /** Lower-case, as asked for. */
  readonly hash: string
  readonly file: SourceFile
}

export type SourceFiles = {
  readonly modelId: string
  /** The version or commit they are of. */
  readonly versionId: string
  readonly files: readonly SourceFile[]
}

/** Stored tokens, from whoever keeps them. */
export type Tokens = { tokenFor(source: SourceId): Promise<string | null> }
