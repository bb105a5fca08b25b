/** What the scheduler sees of a worker. */
export type Place = {
  id: string
  incarnation: string
  pool: string
  /** Its ComfyUI answers. */
  ready: boolean
  draining: boolean
  lost: boolean
  runSlots: number
  prefetchSlots: number
  /** Hash of its node definitions. */
  definitions: string | null
  /** Since its last beat, by the database's clock. */
  silentMs: number
  /** Attempts that it holds. */
  open: number
}

/** What the scheduler sees of a job that waits. */
export type Candidate = {
  id: string
  /** Digits. */
  seq: string
  priority: number
  pool: string
  classes: string[]
  /** Workers that it failed on. */
  avoid: string[]
}

export type Assignment = { jobId: string; workerId: string; incarnation: string }

/** Node classes by the hash of the definitions they are in; a hash that is not in it has not been read yet. */
export type KnownClasses = { get(hash: string): ReadonlySet<string> | undefined }
