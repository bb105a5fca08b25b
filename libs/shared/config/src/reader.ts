import type { Secret } from './secret.ts'

export type Env = Readonly<Record<string, string | undefined>>

/** How one setting is declared; the whole of what help and documentation say about it. */
export type Setting = {
  readonly name: string
  readonly help: string
  /** What a value must look like, as in `must be a whole number from 0 to 65535`. */
  readonly rule: string
  readonly required: boolean
  /** As one would write it in the environment. */
  readonly default?: string
  readonly secret: boolean
}

export type Common<T> = { help?: string; default?: T; optional?: undefined }
export type Optional = { help?: string; default?: undefined; optional?: true }

/**
 * Reads settings by name. A faulty setting is noted and stands in as a harmless value of its type, so that
 * one run finds every fault. Read unconditionally: what is read only sometimes is missing from the help.
 */
export type Reader = {
  /** `EASEL_STANDALONE`: everything on one machine, where made-up and weak secrets are the user's own matter. */
  readonly standalone: boolean
  string(name: string, options?: Common<string> & TextRules): string
  /** A text, or undefined where it is not set. */
  optional(name: string, options?: { help?: string } & TextRules): string | undefined
  port(name: string, options?: Common<number>): number
  integer(name: string, options: Common<number> & { min: number; max: number }): number
  /** An absolute URL, as written. One that may hold a password is a `secretUrl`. */
  url(name: string, options?: Common<string> & UrlRules): string
  url(name: string, options: Optional & UrlRules): string | undefined
  /** A URL (or comma list of them) that may hold a password; well-known passwords are refused. */
  secretUrl(name: string, options?: Common<string> & UrlRules & ListRules): Secret
  secretUrl(name: string, options: Optional & UrlRules & ListRules): Secret | undefined
  secret(name: string, options?: { help?: string; optional?: undefined; minLength?: number }): Secret
  secret(name: string, options: Optional & { minLength?: number }): Secret | undefined
  /** A comma list; blanks around the items and empty items are dropped. */
  list(name: string, options?: Common<readonly string[]> & ItemRules): readonly string[]
  /** `1 true yes on` or `0 false no off`. */
  flag(name: string, options?: Common<boolean>): boolean
  /** A size such as `4GiB`, `500MB` or `1024`, in bytes. */
  bytes(name: string, options?: Common<string>): number
  /** A time such as `30s`, `5m`, `250ms`, in milliseconds. */
  duration(name: string, options?: Common<string>): number
  oneOf<const T extends string>(name: string, choices: readonly [T, ...T[]], options?: Common<T>): T
  /** An absolute path. */
  path(name: string, options?: Common<string>): string
  path(name: string, options: Optional): string | undefined
  /** Notes a fault between settings (`EASEL_A: needs EASEL_B`). */
  fault(name: string, rule: string): void
}

export type TextRules = { minLength?: number; maxLength?: number; pattern?: RegExp; rule?: string }
export type UrlRules = { protocols?: readonly string[] }
export type ListRules = { list?: boolean }
export type ItemRules = { item?: (text: string) => boolean; rule?: string }
