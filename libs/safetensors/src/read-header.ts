import { AppError } from '@easel/protocol'
import { checkHeader, FormatFault, headerLength, prefixBytes } from './check-header.ts'
import type { SoundHeader } from './check-header.ts'
import type { HeaderSource } from './header-source.ts'
import { checkHeaderInThread } from './header-thread.ts'
import type { SafetensorsHeader } from './header.ts'

export type ReadHeaderOptions = {
  /** How many tensors to list. Default 100,000: no real model has more, a hostile one has 1.4 million. */
  maxTensors?: number
  signal?: AbortSignal
}

/** Covers the headers of nearly all LoRAs and of most checkpoints with one read. */
const headBytes = 128 * 1024
/** About 5 ms of work; longer headers would be felt on the event loop. */
const longestHere = 1024 * 1024

/**
 * Reads and checks a header; accepts what the reference implementation accepts and nothing else.
 * A file that breaks the format is `invalid` with reason `SAFETENSORS_INVALID` and `details.fault`, the
 * reference's own name for it (`HeaderTooLarge`, `InvalidOffset`, …). Nothing but the first eight bytes is
 * read of a file whose header cannot be.
 */
export async function readHeader(
  source: HeaderSource,
  { maxTensors = 100_000, signal }: ReadHeaderOptions = {},
): Promise<SafetensorsHeader> {
  try {
    const { bytes: head, totalBytes } = await source.head(headBytes, signal)
    const headerBytes = headerLength(head, totalBytes)
    const task = { headerBytes, totalBytes, maxTensors }
    if (headerBytes > longestHere) {
      const from = source.path ?? (await source.read(prefixBytes, prefixBytes + headerBytes, signal))
      return toHeader(await checkHeaderInThread({ ...task, from }, signal), task)
    }
    const inHead = head.subarray(prefixBytes, prefixBytes + headerBytes)
    const missing = headerBytes - inHead.length
    const rest =
      missing > 0 ? await source.read(head.length, head.length + missing, signal) : new Uint8Array()
    return toHeader(checkHeader(Buffer.concat([inHead, rest]), totalBytes), task)
  } catch (cause) {
    if (!(cause instanceof FormatFault)) throw cause
    throw new AppError('invalid', `No safetensors file: ${cause.message}`, {
      reason: 'SAFETENSORS_INVALID',
      details: { fault: cause.fault },
    })
  }
}

function toHeader(
  { metadata, tensors, summary }: SoundHeader,
  { headerBytes, maxTensors }: { headerBytes: number; maxTensors: number },
): SafetensorsHeader {
  const record = Object.create(null) as Record<string, string>
  for (const [name, value] of metadata) record[name] = value
  return { metadata: record, tensors: tensors.slice(0, maxTensors), ...summary, headerBytes }
}
