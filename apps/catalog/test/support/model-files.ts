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

/** A whole safetensors file of these tensors, one byte each element; `seed` makes its bytes its own. */
export function modelFile(
  tensors: Readonly<Record<string, readonly number[]>>,
  { metadata = {}, seed = 'seed', dtype = 'U8' }: ModelFileRest = {},
): Buffer {
  let at = 0
  const width = dtype === 'BF16' ? 2 : 1
  const members = Object.entries(tensors).map(([name, shape]) => {
    const begin = at
    at += width * shape.reduce((product, size) => product * size, 1)
    return [name, { dtype, shape, data_offsets: [begin, at] }]
  })
  const header = Buffer.from(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(members) }))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([length, header, Buffer.alloc(at, createHash('sha256').update(seed).digest())])
}

type ModelFileRest = { metadata?: Record<string, string>; seed?: string; dtype?: 'U8' | 'BF16' | 'I8' }

export const loraTensors = {
  'lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight': [1, 2048],
}

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

export async function put(directory: string, path: string, bytes: Buffer | string): Promise<string> {
  const absolute = join(directory, path)
  await mkdir(dirname(absolute), { recursive: true })
  await writeFile(absolute, bytes)
  return absolute
}
