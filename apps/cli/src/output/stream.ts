/** What is asked of `process.stdout` and `process.stderr`. */
export type Stream = {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}
