import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** A whole safetensors file with one tensor; `seed` makes its bytes its own. */
export function safetensors(metadata: Record<string, string> = {}, seed = 'seed', tensorBytes = 64): Buffer {
  const header = Buffer.from(
    JSON.stringify({
      __metadata__: metadata,
      weight: { dtype: 'U8', shape: [tensorBytes], data_offsets: [0, tensorBytes] },
    }),
  )
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  const data = Buffer.alloc(tensorBytes, createHash('sha256').update(seed).digest())
  return Buffer.concat([length, header, data])
}

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

export async function put(directory: string, path: string, bytes: Buffer | string): Promise<string> {
  const absolute = join(directory, path)
  await mkdir(dirname(absolute), { recursive: true })
  await writeFile(absolute, bytes)
  return absolute
}
