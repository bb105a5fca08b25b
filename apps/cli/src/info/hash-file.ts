import { autoV2, autoV3Of, createHasher } from '@easel/safetensors'
import { stat } from 'node:fs/promises'
import type { Context } from '../commands/context.ts'
import { usageError } from '../exit-codes.ts'
import { formatBytes } from '../output/units.ts'

export type Hashes = { readonly sha256: string; readonly autoV2: string; readonly autoV3?: string }

/** In one pass, with a bar: 20 GB take their time. AutoV3 needs to know where the tensors begin. */
export async function hashesOf({ out }: Context, path: string, dataStart?: number): Promise<Hashes> {
  await using hasher = createHasher({ threads: 1 })
  using view = out.progress()
  const onProgress = ({ bytes, totalBytes }: { bytes: number; totalBytes: number }) =>
    view.update({
      label: 'hashing',
      value: totalBytes > 0 ? bytes / totalBytes : 1,
      detail: `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`,
    })
  const hashed = await hasher.hashFile(path, {
    onProgress,
    ...(dataStart !== undefined && { dataStart }),
  })
  const { hash: sha256, dataHash } = hashed
  return {
    sha256,
    autoV2: autoV2(sha256),
    ...(dataHash !== undefined && { autoV3: autoV3Of(dataHash) }),
  }
}

/** A hash as it is; of a file its SHA-256. */
export async function hashOf(context: Context, text: string): Promise<string> {
  const isFile = await stat(text).then(
    (found) => found.isFile(),
    () => false,
  )
  if (isFile) return (await hashesOf(context, text)).sha256
  if (/^[0-9a-f]{8,64}$/i.test(text)) return text
  throw usageError(`${text} is neither a hash nor a file`)
}
