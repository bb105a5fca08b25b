/** Where a content shall get a name. Both are safe to be joined to a path. */
export type WantedName = {
  /** Below the models folder, with `/`. */
  folder: string
  filename: string
  /** The name goes again when this transfer is canceled at the last moment. */
  transferId?: string | null
  signal?: AbortSignal
}

export type KnownContent = {
  /** Absolute, for reading only. */
  path: string
  bytes: number
}

export type NamedContent = {
  /** Below the models folder, with `/`. */
  path: string
  sha256: string
  bytes: number
}

/** The contents that are here already, by their hash: asked before anything is transferred. */
export interface ContentIndex {
  /** Null: it is not here, was evicted, or its bytes are not what they should be. */
  find(sha256: string): Promise<KnownContent | null>

  /**
   * Gives a content a name. It may stand there already; the name of another file is never taken (`FILE_EXISTS`).
   * `not_found` / `CONTENT_NOT_FOUND` when the content is not here (any more): it has to be transferred.
   */
  link(sha256: string, wanted: WantedName): Promise<NamedContent>

  /**
   * The same for a file found elsewhere (in the library, or another program's): it is read once, linked to, and never
   * moved, changed or removed. `conflict` / `HASH_MISMATCH` when it is another content than it was taken for.
   */
  linkReal(real: string, sha256: string, wanted: WantedName): Promise<NamedContent>
}
