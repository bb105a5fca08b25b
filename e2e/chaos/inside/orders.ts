/** Where a process is to die: around the `nth` statement of that name. */
export type FaultPoint = {
  statement: string
  /** `during`: the statement is on its way, and nobody hears how it ended. */
  when: 'before' | 'during' | 'after'
  nth?: number
  /** Only in a transaction that has run this statement before. */
  within?: string
}

/** What the test tells a process that it has loaded `faults.ts` into. */
export type Order =
  | { type: 'arm'; points: readonly FaultPoint[] }
  | { type: 'record' }
  | { type: 'recorded' }
  /** Moves this process's clock. */
  | { type: 'clock'; skewMs: number }
  /** What is written under this folder fails as on a full disk; undefined: there is room again. */
  | { type: 'disk'; full: string | undefined }

/** The statements of each transaction since `record`, a lone statement being one of its own. */
export type Recorded = { type: 'recorded'; transactions: readonly (readonly string[])[] }

/** What the test tells a simulator. */
export type SimulatorOrder = {
  type: 'inject'
  kind: 'oom' | 'crash' | 'hang' | 'drop-socket' | 'silent-socket' | 'error'
  restartAfterMs?: number
}
