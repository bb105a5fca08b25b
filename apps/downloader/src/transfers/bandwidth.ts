/**
 * How many bytes may still come, over all transfers. Every byte that is read from a server is asked for.
 * The engine asks in grants of 64 KiB to 4 MiB, growing while they come at once, one at a time per transfer.
 */
export interface Bandwidth {
  /** False: there is no cap and nobody has to ask. Read a few times a second; may change at any time. */
  readonly limited: boolean
  /**
   * Resolves when so many bytes may be read. They count as used from then on, read or not. Callers are served in
   * the order they came. Rejects with the signal's reason.
   */
  take(bytes: number, signal?: AbortSignal): Promise<void>
}
