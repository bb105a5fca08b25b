import { AppError } from '@easel/protocol'
import { headerLength, prefixBytes } from './check-header.ts'
import type { FileHash, HashOptions } from './hash-file.ts'
import { fileSource } from './header-source.ts'

/** CivitAI's AutoV2: the first ten digits of the file's SHA-256, in upper case as published. */
export const autoV2 = (sha256: string): string => sha256.slice(0, 10).toUpperCase()

/** CivitAI's AutoV3 from the SHA-256 of all bytes behind the header (`dataHash` of `hashFile`). */
export const autoV3Of = (dataHash: string): string => dataHash.slice(0, 12).toUpperCase()

/**
 * CivitAI's AutoV3: the first twelve digits of the SHA-256 of all bytes behind the header, so that it survives
 * a change of metadata. `hash` is `hashFile`, or that of a `Hasher`.
 */
export async function autoV3(
  path: string,
  hash: (path: string, options: HashOptions) => Promise<FileHash>,
): Promise<string> {
  const { bytes, totalBytes } = await fileSource(path).head(prefixBytes)
  const start = prefixBytes + readLength(bytes, totalBytes)
  return autoV3Of((await hash(path, { start })).hash)
}

function readLength(head: Uint8Array, totalBytes: number): number {
  try {
    return headerLength(head, totalBytes)
  } catch (cause) {
    throw new AppError('invalid', 'No safetensors file', { reason: 'SAFETENSORS_INVALID', cause })
  }
}
