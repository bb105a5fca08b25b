import { fileSource } from './header-source.ts'
import type { FileHash, HashOptions } from './hash-file.ts'

/** CivitAI's AutoV2: the first ten digits of the file's SHA-256, as published, in upper case. */
export const autoV2 = (sha256: string): string => sha256.slice(0, 10).toUpperCase()

/**
 * CivitAI's AutoV3: the first twelve digits of the SHA-256 of all bytes behind the header, so that it survives
 * a change of metadata.
 */
export async function autoV3(
  path: string,
  hash: (path: string, options: HashOptions) => Promise<FileHash>,
): Promise<string> {
  const prefix = await fileSource(path).read(0, 8)
  const start = 8 + Number(new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true))
  return (await hash(path, { start })).hash.slice(0, 12).toUpperCase()
}
