import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { seededRandom } from './random.ts'

/** A valid safetensors file of about so many bytes: one tensor of noise. */
export function safetensorsBytes(options: {
  seed: number
  bytes?: number
  metadata?: Readonly<Record<string, string>>
}): Buffer {
  const length = Math.max(64, (options.bytes ?? 4_096) - 256) & ~1
  const header = {
    __metadata__: { format: 'pt', ...options.metadata },
    'blocks.0.weight': { dtype: 'F16', shape: [length / 2], data_offsets: [0, length] },
  }
  const text = JSON.stringify(header)
  const padded = text.padEnd(Math.ceil(text.length / 8) * 8)
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(BigInt(padded.length))
  return Buffer.concat([prefix, Buffer.from(padded, 'latin1'), noise(options.seed, length)])
}

/** A GGUF file with a header (version 3, no tensors, one key) and noise after it. */
export function ggufBytes(options: { seed: number; bytes?: number; architecture?: string }): Buffer {
  const text = (value: string) => {
    const bytes = Buffer.from(value)
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(bytes.length))
    return Buffer.concat([length, bytes])
  }
  const head = Buffer.alloc(24)
  head.write('GGUF', 'latin1')
  head.writeUInt32LE(3, 4)
  head.writeBigUInt64LE(0n, 8)
  head.writeBigUInt64LE(1n, 16)
  const stringType = Buffer.from([8, 0, 0, 0])
  const key = Buffer.concat([text('general.architecture'), stringType, text(options.architecture ?? 'flux')])
  return Buffer.concat([head, key, noise(options.seed, Math.max(64, (options.bytes ?? 4_096) - 128))])
}

/** As the head of a pickle, and nothing that could be run. */
export function pickleBytes(options: { seed: number; bytes?: number }): Buffer {
  return Buffer.concat([Buffer.from([0x80, 0x02]), noise(options.seed, options.bytes ?? 2_048)])
}

export function noise(seed: number, length: number): Buffer {
  const random = seededRandom(seed)
  const words = new Uint32Array(Math.ceil(length / 4))
  for (let index = 0; index < words.length; index++) words[index] = random() * 2 ** 32
  return Buffer.from(words.buffer).subarray(0, length)
}

export type FileHashes = {
  AutoV1: string
  AutoV2: string
  AutoV3?: string
  SHA256: string
  CRC32: string
  BLAKE3: string
}

/** CivitAI's hashes of a file, upper-case as it writes them. BLAKE3 and AutoV1 are made up. */
export function civitaiHashes(bytes: Buffer): FileHashes {
  const sha256 = digest(bytes, 'sha256').toUpperCase()
  return {
    AutoV1: digest(bytes, 'sha1').slice(0, 8).toUpperCase(),
    AutoV2: sha256.slice(0, 10),
    SHA256: sha256,
    CRC32: crc32(bytes).toString(16).padStart(8, '0').toUpperCase(),
    BLAKE3: digest(Buffer.from(`blake3 of ${sha256}`), 'sha256').toUpperCase(),
    ...tensorHash(bytes),
  }
}

function tensorHash(bytes: Buffer): { AutoV3?: string } {
  if (bytes.length < 9 || bytes[8] !== 0x7b) return {}
  const start = 8 + Number(bytes.readBigUInt64LE())
  return { AutoV3: digest(bytes.subarray(start), 'sha256').slice(0, 12).toUpperCase() }
}

export function sha256Of(bytes: Buffer): string {
  return digest(bytes, 'sha256')
}

/** What git calls a blob with these bytes. */
export function gitBlobId(bytes: Buffer): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
}

function digest(bytes: Buffer, algorithm: string): string {
  return createHash(algorithm).update(bytes).digest('hex')
}
