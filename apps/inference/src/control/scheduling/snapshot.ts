import type { OfferedModels } from '@easel/comfyui'

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
  labels: string[]
  environment: string | null
  /** Bytes of GPU memory. */
  vramTotal: number | null
  /** Attempts that it holds. */
  open: number
  /** Files of models that its last beat says are in memory. */
  warm: string[]
  /** It fetches models that it lacks, of jobs that know what is in them. */
  fetchesModels?: boolean
}

/** What the scheduler sees of a job that waits. */
export type Candidate = {
  id: string
  /** Digits. */
  seq: string
  priority: number
  pool: string
  spaceId: string
  userId: string
  classes: string[]
  /** What its worker must carry, be, and have. */
  labels: string[]
  environment: string | null
  minVram: number | null
  /** Workers that it failed on. */
  avoid: string[]
  /** Files of models that decide where it is warm, and LoRAs beside them. */
  models: string[]
  loras: string[]
  /** Those of them that a worker with a cache can fetch: their contents are known. */
  fetchable?: readonly string[]
  /** GPU-seconds that it will probably take, without loading models; 0: unknown. */
  estimate: number
}

/** `charge`: GPU-seconds that its flow is charged until it has ended. */
export type Assignment = { jobId: string; workerId: string; incarnation: string; charge: number }

/** Node classes by the hash of the definitions they are in; a hash that is not in it has not been read yet. */
export type KnownClasses = {
  get(hash: string): ReadonlySet<string> | undefined
  /** Files of models in these definitions; undefined as above. */
  modelsOf?(hash: string): OfferedModels | undefined
}
