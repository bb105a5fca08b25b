/** One address of a file's bytes. */
export type FileAddress = {
  /** As it was given, not as it was redirected to: each attempt follows the redirects anew, so that signed
   * addresses that have run out are replaced. */
  url: string
  /** Sent to the URL's own origin only (a token, say): dropped by a redirect to another. Never logged. */
  headers?: Readonly<Record<string, string>>
}

/**
 * What the engine is asked to bring; made of a transfer's row by `Wishes`.
 *
 * Promised to the engine: the URLs are checked to be http(s); whether they may be reached is checked by the engine
 * itself on every connection. `folder` and `filename` are safe to be joined to a path.
 */
export type WantedFile = {
  /** The first is tried first; one that fails for good, or again and again, is left for the next. With several,
   * bytes of one are joined to bytes of another only if a hash is expected. */
  urls: readonly [FileAddress, ...FileAddress[]]
  /** Below the models folder, with `/`. */
  folder: string
  /** Null: what the server or the URL call it. */
  filename: string | null
  /** 64 hex digits, lower case; null where none is published: the file ends `unverified` then. */
  expectedSha256: string | null
  /** To the byte: an address that has another size is left. Null where a source knows it only roughly. */
  expectedBytes: number | null
}

/** Turns a claimed transfer into what to bring. Called at the start of each run, so that secrets are fresh. */
export type Wishes<Transfer> = (transfer: Transfer) => Promise<WantedFile>
