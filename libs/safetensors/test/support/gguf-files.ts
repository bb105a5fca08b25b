export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

export function u64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

export const ggufText = (value: string): Buffer =>
  Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)])

export type GgufFile = {
  version?: number
  values?: Readonly<Record<string, readonly [type: number, bytes: Buffer]>>
  tensors?: readonly { name: string; dims: readonly number[]; type: number; offset?: bigint }[]
  /** Lies instead of the right numbers. */
  tensorCount?: bigint
  valueCount?: bigint
  dataBytes?: number
}

/** A GGUF file of F32 and Q4_0 tensors, whole unless something else is said. */
export function gguf({ version = 3, values = {}, tensors = [], ...lies }: GgufFile): Buffer {
  let offset = 0n
  const infos = tensors.map(({ name, dims, type, offset: said }) => {
    const at = said ?? offset
    const elements = dims.reduce((product, size) => product * size, 1)
    const bytes = type === 2 ? (elements / 32) * 18 : type === 12 ? (elements / 256) * 144 : elements * 4
    if (Number.isSafeInteger(bytes) && bytes < 2 ** 30) offset += BigInt(Math.ceil(bytes / 32) * 32)
    return Buffer.concat([ggufText(name), u32(dims.length), ...dims.map(u64), u32(type), u64(at)])
  })
  const pairs = Object.entries(values).map(([key, [type, bytes]]) =>
    Buffer.concat([ggufText(key), u32(type), bytes]),
  )
  const header = Buffer.concat([
    Buffer.from('GGUF'),
    u32(version),
    u64(lies.tensorCount ?? tensors.length),
    u64(lies.valueCount ?? pairs.length),
    ...pairs,
    ...infos,
  ])
  const padding = Buffer.alloc((32 - (header.length % 32)) % 32)
  return Buffer.concat([header, padding, Buffer.alloc(lies.dataBytes ?? Number(offset))])
}
