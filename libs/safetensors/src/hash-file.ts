export type HashOptions = {
  algorithm?: 'sha256'
  /** First byte to hash. Default 0. */
  start?: number
  /** Bytes hashed so far, about every 32 MiB. */
  onProgress?: (progress: { bytes: number; totalBytes: number }) => void
  signal?: AbortSignal
}

export type FileHash = {
  /** 64 hex digits, lower case. */
  hash: string
  bytes: number
}

/** A pool of threads that hash files; further files wait their turn. */
export interface Hasher extends AsyncDisposable {
  hashFile(path: string, options?: HashOptions): Promise<FileHash>
}

/** `threads`: default the number of cores less one, at least one and at most four. */
export function createHasher(options: { threads?: number } = {}): Hasher {
  throw new Error(`Not yet: ${typeof options}`)
}

/** One file with a thread of its own; for many files use `createHasher`. */
export async function hashFile(path: string, options: HashOptions = {}): Promise<FileHash> {
  await using hasher = createHasher({ threads: 1 })
  return await hasher.hashFile(path, options)
}
