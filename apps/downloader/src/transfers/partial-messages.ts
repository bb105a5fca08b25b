/** What goes to the thread of a partial file, in this order, and what comes back for each. */
export type PartialTask =
  | { kind: 'open'; path: string; keep: number }
  | { kind: 'restart' }
  | { kind: 'write'; buffer: ArrayBuffer; length: number }
  | { kind: 'finish' }

export type PartialReply =
  | { kind: 'opened'; bytes: number }
  | { kind: 'written'; buffer: ArrayBuffer; length: number }
  | { kind: 'finished'; sha256: string; bytes: number }
  | { kind: 'failed'; code: string; message: string }
