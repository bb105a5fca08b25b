import type { HeaderSource } from './header-source.ts'
import type { SafetensorsHeader } from './header.ts'

export type ReadHeaderOptions = {
  /** How many tensors to list. Default 100,000: no real model has more, a hostile one has 1.4 million. */
  maxTensors?: number
  signal?: AbortSignal
}

/**
 * Reads and checks a header; accepts what the reference implementation accepts and nothing else.
 * A file that breaks the format is `invalid` with reason `SAFETENSORS_INVALID` and `details.fault`, the
 * reference's own name for it (`HeaderTooLarge`, `InvalidOffset`, …).
 */
export function readHeader(
  source: HeaderSource,
  options: ReadHeaderOptions = {},
): Promise<SafetensorsHeader> {
  return Promise.reject(new Error(`Not yet: ${typeof source} ${typeof options}`))
}
