import type { MessagePort } from 'node:worker_threads'

/** Which bytes are meant: what the server said of the file, and where it was asked. */
export type FileVersion = {
  total: number | null
  etag: string | null
  lastModified: string | null
  /** Stands for the address; bytes of two addresses are joined only when a hash vouches for them. */
  address: string
}

/** Where the bytes are, after redirects; the addresses were checked. */
export type FetchTarget = {
  secure: boolean
  /** As in the URL, for TLS and the Host header. */
  hostname: string
  port: number
  addresses: readonly string[]
  /** With the query. */
  path: string
  headers: Readonly<Record<string, string>>
}

export type FetchPlan = {
  target: FetchTarget
  version: FileVersion
  /** False: the server gives the whole only, over one connection, from the start. */
  ranged: boolean
  connections: number
  chunkBytes: number
  stallMs: number
  limited: boolean
}

/** Why fetching ended. All that came is kept, except with `changed`, where it is for the caller to say. */
export type FetchOutcome =
  | { kind: 'whole' }
  /** The last connection broke or stalled. */
  | { kind: 'broken'; message: string }
  /** A status that is no answer to a range. */
  | { kind: 'refused'; status: number; retryAfter: string | null }
  /** Not the file that was begun, or a server that no longer gives ranges. */
  | { kind: 'changed' }
  /** The answer cannot be used. */
  | { kind: 'unusable'; message: string }
  | { kind: 'stopped' }

/** To the fetching thread. Those of the first group are answered, one at a time for each file. */
export type LaneTask =
  | { kind: 'open'; id: number; path: string; journal: string; boot: string }
  | { kind: 'begin'; id: number; version: FileVersion; keep: boolean }
  | { kind: 'fetch'; id: number; plan: FetchPlan }
  | { kind: 'finish'; id: number; sync: boolean }
  | { kind: 'close'; id: number }
  | { kind: 'stop'; id: number }
  | { kind: 'allow'; id: number; connections: number }
  | { kind: 'limit'; id: number; limited: boolean }
  | { kind: 'grant'; id: number; bytes: number }

export type LaneReply =
  | { kind: 'opened'; id: number; version: FileVersion | null; done: number }
  | { kind: 'begun'; id: number }
  | { kind: 'ended'; id: number; outcome: FetchOutcome }
  | { kind: 'finished'; id: number; sha256: string; bytes: number }
  | { kind: 'closed'; id: number }
  /** The disk, or a fault of ours; answers whatever was asked. */
  | { kind: 'failed'; id: number; code: string; message: string }
  | { kind: 'progress'; id: number; done: number; connections: number }
  | { kind: 'want'; id: number; bytes: number }

/** To the hashing thread, in the order of the bytes. */
export type HashTask =
  | { kind: 'open'; id: number; path: string }
  /** The next bytes are in this slot; `free` says that it can be filled again. */
  | { kind: 'slot'; id: number; slot: number; length: number }
  /** The next bytes are in the file. */
  | { kind: 'file'; id: number; start: number; end: number }
  | { kind: 'restart'; id: number }
  | { kind: 'digest'; id: number }
  | { kind: 'close'; id: number }

export type HashReply =
  | { kind: 'free'; slot: number }
  | { kind: 'digest'; id: number; sha256: string }
  | { kind: 'failed'; id: number; code: string; message: string }

export const slotBytes = 256 * 1024
export const slotCount = 32

export type LaneMemory = { slots: SharedArrayBuffer; port: MessagePort }
