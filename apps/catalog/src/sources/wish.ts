import type { ModelFolder } from '@easel/contracts'
import type { Gate, SourceFile, SourceId, SourceLicence } from './source-model.ts'

/** What somebody wants to have, before anybody knows which files that is. */
export type Wish =
  | ({ readonly kind: 'civitai-version'; readonly versionId: string } & FileChoice)
  /** Its newest version that can be downloaded. */
  | ({ readonly kind: 'civitai-model'; readonly modelId: string } & FileChoice)
  /** SHA-256, AutoV1 to AutoV3, CRC32 or BLAKE3. */
  | { readonly kind: 'hash'; readonly hash: string }
  | {
      readonly kind: 'huggingface'
      readonly repo: string
      /** Branch, tag or commit; default `main`. */
      readonly revision?: string
      /** A path, a pattern (`*.safetensors`, `vae/**`), or left out: the whole repository. */
      readonly path?: string
    }

/** Which of a version's files; left out: the primary one. */
export type FileChoice = {
  readonly fileId?: string
  readonly fileType?: string
  readonly format?: string
  readonly precision?: string
  readonly size?: string
  /** Every file of the version (VAE, config, text encoder, …), not only one. */
  readonly all?: boolean
}

export type ResolvedWish = {
  readonly source: SourceId
  readonly modelId: string
  readonly modelName: string
  /** CivitAI's version, or the commit: never a branch. */
  readonly versionId: string
  readonly versionName: string
  readonly baseModel: string | null
  readonly trainedWords: readonly string[]
  readonly pageUrl: string
  readonly licence: SourceLicence
  readonly files: readonly ResolvedFile[]
}

export type ResolvedFile = {
  /** The same bytes at several places, best first. */
  readonly urls: readonly string[]
  /** A hint: whoever asks may put it elsewhere. */
  readonly folder: ModelFolder
  readonly filename: string
  readonly bytes: number | null
  /** Else only within a KiB. */
  readonly bytesExact: boolean
  readonly sha256: string | null
  /** Whose stored token goes with it, to that source's own host only. */
  readonly token: SourceId | null
  readonly gated: Gate
  readonly format: SourceFile['format']
  /** Path in a repository; null on CivitAI. */
  readonly path: string | null
}
