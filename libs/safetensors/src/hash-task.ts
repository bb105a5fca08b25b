export type HashProgress = { bytes: number; totalBytes: number }

/** What goes to a thread and comes back. `stop` is four shared bytes: 1 ends the work. */
export type HashTask = {
  path: string
  start: number
  dataStart: number | undefined
  stop: SharedArrayBuffer
}
export type HashReply = {
  hash?: string
  dataHash?: string | undefined
  bytes?: number
  progress?: HashProgress
  stopped?: boolean
  failed?: { code: string; message: string }
}
