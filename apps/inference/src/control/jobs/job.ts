import type {
  AttemptEnded,
  AttemptState,
  JobError,
  JobKind,
  JobOutput,
  JobStatus,
  JobTimings,
  ModelFileRef,
  NodeError,
  Priority,
} from '@easel/contracts'

/** A job as the ledger has it, without its graph. */
export type Job = {
  id: string
  /** Digits: where it stands in the order of arrival. */
  seq: string
  kind: JobKind
  name: string | null
  status: JobStatus
  priority: number
  /** Order among the jobs of one user and class, the higher first. */
  rank: number
  pool: string
  spaceId: string
  createdBy: string
  sessionId: string | null
  workflowId: string | null
  workflowVersion: number | null
  retryOf: string | null
  webhookUrl: string | null
  models: string[]
  loras: string[]
  /** What is done about models that no worker had when it came; null: all were there. */
  missingModels: 'wait' | 'fetch' | null
  /** Of its files those whose contents are known. */
  modelFiles: ModelFileRef[] | null
  /** What its cost is learned under; null for jobs of earlier releases. */
  signature: string | null
  /** GPU-seconds it will probably take, and what they cost where its pool is dearest. */
  estimate: number
  estimateMicros: number
  /** What its worker must carry, be and have. */
  labels: string[]
  environment: string | null
  minVram: number | null
  idempotencyHash: string | null
  /** Number of the newest attempt; 0 before the first. */
  attempt: number
  /** Who holds the newest attempt, while it is open. */
  workerId: string | null
  avoid: string[]
  outputs: JobOutput[]
  warnings: NodeError[]
  timings: JobTimings
  error: JobError | null
  gpuSeconds: number
  costMicros: number
  /** Held back from budgets while it is open, and what its end was charged to them with. */
  reservedSeconds: number
  reservedMicros: number
  chargedSeconds: number
  chargedMicros: number
  createdAt: Date
  boundAt: Date | null
  startedAt: Date | null
  finishedAt: Date | null
  expiresAt: Date | null
}

export type Attempt = {
  jobId: string
  number: number
  workerId: string
  incarnation: string
  state: AttemptState
  /** The worker or its ComfyUI died while it ran. */
  death: boolean
  boundAt: Date
  startedAt: Date | null
  endedAt: Date | null
  gpuSeconds: number
  /** Its models were in memory already; null where that is not known. */
  warm: boolean | null
  error: JobError | null
}

/** What a worker says of an attempt's end. */
export type AttemptResultDetails = Pick<
  AttemptEnded,
  | 'result'
  | 'outputs'
  | 'warnings'
  | 'timings'
  | 'usage'
  | 'error'
  | 'retryable'
  | 'warm'
  | 'loads'
  | 'cached'
>

const priorityNames = ['interactive', 'normal', 'bulk'] as const satisfies readonly Priority[]

export const rankOf = (priority: Priority): number => priorityNames.indexOf(priority)
export const priorityOf = (rank: number): Priority => priorityNames[rank] ?? 'bulk'

export function isTerminal(status: JobStatus): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'canceled' || status === 'expired'
}

export function isOpen(state: AttemptState): boolean {
  return state === 'bound' || state === 'running'
}
