import type { Tokens } from '../source.ts'
import type { SourceId } from '../source-model.ts'

/** How one source is asked. Times in milliseconds. */
export type SourceSettings = {
  readonly source: SourceId
  /** Without a slash at its end. */
  readonly baseUrl: string
  readonly tokens: Tokens
  readonly userAgent: string
  /** So many requests in so many seconds, by all replicas together. */
  readonly rate: { readonly requests: number; readonly seconds: number }
  readonly ages: Ages
  readonly timeouts: { readonly connectMs: number; readonly totalMs: number }
  /** After a source could not be reached it is left alone for so long; doubled each time, up to a minute. */
  readonly pauseMs: number
}

/** How long answers are believed. */
export type Ages = {
  /** Of searches and models. */
  readonly goodMs: number
  /** Of "there is none" and "you may not". */
  readonly refusedMs: number
  /** Of failures of the source or the way to it. */
  readonly failedMs: number
}
