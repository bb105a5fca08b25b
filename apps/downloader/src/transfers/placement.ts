/** A file whose bytes are all there; verified if a hash was expected, its first bytes and header looked at. */
export type VerifiedFile = {
  transferId: string
  /** Below the models folder, with `/`. */
  folder: string
  filename: string
  /** Of the bytes, lower case. */
  sha256: string
  bytes: number
}

export type Placed = {
  /** Below the models folder, with `/`. */
  path: string
}

/** Asked before anything is transferred; what is not known yet is null. */
export type SoughtFile = {
  folder: string
  filename: string | null
  sha256: string | null
  bytes: number | null
}

export type FoundFile = Placed & { sha256: string; bytes: number }

/**
 * Where finished files go. The engine calls it from one run per transfer at a time.
 *
 * A crash may come between any two steps: `place` is then called again with the same file, and the partial path
 * may be there or not, or be a second name of the placed file.
 */
export interface Placement {
  /**
   * The file, if its bytes are there already and stand under the wanted name (or could be put there without a
   * transfer). Never takes a file of another content for it: throws `FILE_EXISTS` when such a one has the name.
   * Called before the first byte, and again when name and size have become known.
   */
  find(sought: SoughtFile, signal: AbortSignal): Promise<FoundFile | undefined>

  /**
   * Makes the file visible, all at once, and never over another file (`FILE_EXISTS`). The bytes are synced.
   * Idempotent. Throws rather than leave half a file. The engine removes the partial path after the database
   * knows, if it is still there: it may be moved or linked, but not written to.
   */
  place(partialPath: string, file: VerifiedFile, signal: AbortSignal): Promise<Placed>

  /** Takes back what `place` did for this transfer and nothing else: it was canceled at the last moment. */
  remove(partialPath: string, file: VerifiedFile): Promise<void>
}
