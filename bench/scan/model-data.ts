import { randomBytes } from 'node:crypto'
import { open, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export type DataSizes = { files: number; totalBytes: number; realBytes: number }

/** Sizes between a small LoRA and a checkpoint: few files hold most bytes. */
const shares = (count: number) => Array.from({ length: count }, (_, index) => 1 / (index + 3))

/** Whole safetensors files: half of them with bytes on the disk, half with holes for bytes. */
export async function makeModels(
  directory: string,
  { files, totalBytes, realBytes }: DataSizes,
): Promise<void> {
  await mkdir(join(directory, 'checkpoints'), { recursive: true })
  const half = Math.floor(files / 2)
  const noise = randomBytes(64 * 1024 * 1024)
  for (const [name, count, bytes] of [
    ['real', half, realBytes],
    ['sparse', files - half, totalBytes - realBytes],
  ] as const) {
    const sum = shares(count).reduce((total, share) => total + share, 0)
    for (const [index, share] of shares(count).entries()) {
      const path = join(directory, 'checkpoints', `${name}-${index}.safetensors`)
      await makeModel(path, Math.floor((bytes * share) / sum), name === 'real' ? noise : undefined)
    }
  }
}

async function makeModel(path: string, bytes: number, noise: Buffer | undefined): Promise<void> {
  await using file = await open(path, 'wx')
  // The name makes each file's hash its own, holes or not.
  const header = Buffer.from(
    JSON.stringify({
      __metadata__: { name: path },
      weight: { dtype: 'U8', shape: [bytes], data_offsets: [0, bytes] },
    }),
  )
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  await file.write(Buffer.concat([length, header]))
  const start = 8 + header.length
  if (noise) {
    for (let at = 0; at < bytes; at += noise.length) {
      await file.write(noise, 0, Math.min(noise.length, bytes - at), start + at)
    }
  }
  await file.truncate(start + bytes)
}

export async function makeSmallFiles(directory: string, count: number): Promise<void> {
  const perFolder = 500
  for (let folder = 0; folder * perFolder < count; folder += 1) {
    const path = join(directory, 'loras', String(folder))
    await mkdir(path, { recursive: true })
    const names = Array.from({ length: Math.min(perFolder, count - folder * perFolder) }, (_, index) =>
      join(path, `${index}.safetensors`),
    )
    await Promise.all(names.map((name) => writeFile(name, smallFile(name))))
  }
}

function smallFile(name: string): Buffer {
  const header = Buffer.from(
    JSON.stringify({
      __metadata__: { name },
      weight: { dtype: 'U8', shape: [64], data_offsets: [0, 64] },
    }),
  )
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([length, header, Buffer.alloc(64)])
}
