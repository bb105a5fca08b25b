import { AppError } from '@easel/protocol'
import { GgufCursor, GgufFault, MoreNeeded } from './gguf-cursor.ts'
import { ggmlBytes, ggmlTypeName, ggufFileType } from './gguf-types.ts'
import type { HeaderSource } from './header-source.ts'

/** Dimensions as PyTorch has them: the last one is what a layer takes in. */
export type GgufTensor = { name: string; dtype: string; shape: number[] }

export type GgufHeader = {
  version: number
  /** Values as text, arrays as `[length]`. An object without a prototype: any name is safe. */
  metadata: Record<string, string>
  /** `general.architecture`: `flux`, `wan`, `t5`, … */
  architecture: string | undefined
  /** `Q4_K_M`, `BF16`, … as the file says, else the type of most elements. */
  quantization: string | undefined
  /** At most `maxTensors` of them. */
  tensors: GgufTensor[]
  tensorCount: number
  parameterCount: number
  /** Elements by type. */
  dtypes: Record<string, number>
  /** Up to where the data begin. */
  headerBytes: number
  dataBytes: number
}

const firstBytes = 128 * 1024
/** The longest that is: the words of a large language model take 12 MiB. */
const longestHeader = 32 * 1024 * 1024
const mostValues = 10_000
const mostTensors = 100_000
/** Of ggml. */
const mostDimensions = 4
const leastTensorBytes = 24

/**
 * Reads and checks the header of a GGUF file, version 2 or 3: counts, lengths, sizes, and that the tensors follow one
 * another and end in the file. Reads no more than 32 MiB, and of most files 128 KiB. What is broken is `invalid` with
 * reason `GGUF_INVALID`. Source of the format: github.com/ggml-org/ggml, docs/gguf.md.
 */
export async function readGgufHeader(
  source: HeaderSource,
  { maxTensors = mostTensors, signal }: { maxTensors?: number; signal?: AbortSignal } = {},
): Promise<GgufHeader> {
  const { bytes: head, totalBytes } = await source.head(firstBytes, signal)
  let bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
  for (;;) {
    try {
      return parse(new GgufCursor(bytes, totalBytes), { totalBytes, maxTensors })
    } catch (cause) {
      if (cause instanceof GgufFault) throw invalid(cause.message)
      if (!(cause instanceof MoreNeeded)) throw cause
      if (bytes.length >= longestHeader) throw invalid('The header is larger than 32 MiB')
      // Parsing again from the start, each time with four times as much, costs a third more than once.
      const end = Math.min(bytes.length * 4, longestHeader, totalBytes)
      bytes = Buffer.concat([bytes, await source.read(bytes.length, end, signal)])
    }
  }
}

type Limits = { totalBytes: number; maxTensors: number }

function parse(cursor: GgufCursor, limits: Limits): GgufHeader {
  if (limits.totalBytes < leastTensorBytes) throw new GgufFault('The file is shorter than 24 bytes')
  if (cursor.u32() !== 0x46554747) throw new GgufFault('Its first four bytes are others')
  const version = cursor.u32()
  if (version !== 2 && version !== 3) throw new GgufFault(`Version ${version} is not known`)
  const tensorCount = cursor.length()
  const valueCount = cursor.length()
  if (tensorCount > mostTensors) throw new GgufFault(`More than ${mostTensors} tensors`)
  if (valueCount > mostValues) throw new GgufFault(`More than ${mostValues} values`)
  const metadata = readValues(cursor, valueCount)
  const declared = readTensors(cursor, tensorCount)
  const headerBytes = aligned(cursor.at, alignmentOf(metadata))
  const dataBytes = checkOffsets(declared, { headerBytes, alignment: alignmentOf(metadata), ...limits })
  const dtypes = countTypes(declared)
  return {
    version,
    metadata,
    architecture: metadata['general.architecture'],
    quantization: quantizationOf(metadata, dtypes),
    tensors: declared.slice(0, limits.maxTensors).map(({ name, type, dims }) => ({
      name,
      dtype: ggmlTypeName(type),
      shape: dims.map(Number).reverse(),
    })),
    tensorCount,
    parameterCount: Object.values(dtypes).reduce((sum, count) => sum + count, 0),
    dtypes,
    headerBytes,
    dataBytes,
  }
}

function readValues(cursor: GgufCursor, count: number): Record<string, string> {
  const metadata = Object.create(null) as Record<string, string>
  for (let index = 0; index < count; index += 1) {
    const key = cursor.text()
    if (key in metadata) throw new GgufFault('A value is given twice')
    metadata[key] = cursor.value(cursor.u32())
  }
  return metadata
}

type Declared = { name: string; type: number; dims: bigint[]; elements: bigint; offset: bigint }

function readTensors(cursor: GgufCursor, count: number): Declared[] {
  const names = new Set<string>()
  return Array.from({ length: count }, () => {
    const name = cursor.text()
    if (names.size === names.add(name).size) throw new GgufFault('A tensor is given twice')
    const dimensions = cursor.u32()
    if (dimensions > mostDimensions) throw new GgufFault(`A tensor with ${dimensions} dimensions`)
    const dims = Array.from({ length: dimensions }, () => cursor.u64())
    const elements = dims.reduce((product, size) => product * size, 1n)
    if (elements >= 2n ** 63n) throw new GgufFault('The size of a tensor overflows')
    return { name, dims, elements, type: cursor.u32(), offset: cursor.u64() }
  })
}

type Layout = Limits & { headerBytes: number; alignment: number }

/** Each tensor begins where the one before it ends, aligned. Behind one of unknown type nothing can be said. */
function checkOffsets(tensors: readonly Declared[], { headerBytes, alignment, totalBytes }: Layout): number {
  const step = BigInt(alignment)
  let next = 0n
  let end = 0n
  let certain = true
  for (const { name, type, dims, elements, offset } of tensors) {
    if (offset % step !== 0n || (certain && offset !== next)) {
      throw new GgufFault(`Tensor ${shown(name)} does not begin where the one before it ends`)
    }
    const bytes = ggmlBytes(type, elements, dims[0] ?? 1n)
    if (bytes === -1n) throw new GgufFault(`The rows of tensor ${shown(name)} are no whole blocks`)
    certain &&= bytes !== undefined
    end = offset + (bytes ?? 0n)
    next = end % step === 0n ? end : end + step - (end % step)
    if (BigInt(headerBytes) + end > BigInt(totalBytes)) {
      throw new GgufFault('The file ends before its tensors do')
    }
  }
  return Math.max(0, totalBytes - headerBytes)
}

function alignmentOf(metadata: Readonly<Record<string, string>>): number {
  const alignment = Number(metadata['general.alignment'] ?? 32)
  const sound = Number.isInteger(alignment) && alignment >= 8 && alignment <= 65_536 && alignment % 8 === 0
  if (!sound) throw new GgufFault('The alignment makes no sense')
  return alignment
}

const aligned = (at: number, alignment: number): number => Math.ceil(at / alignment) * alignment

function countTypes(tensors: readonly Declared[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { type, elements } of tensors) {
    const name = ggmlTypeName(type)
    counts[name] = (counts[name] ?? 0) + Number(elements)
  }
  return counts
}

function quantizationOf(
  metadata: Readonly<Record<string, string>>,
  dtypes: Readonly<Record<string, number>>,
): string | undefined {
  const said = ggufFileType(Number(metadata['general.file_type'] ?? Number.NaN))
  return said ?? Object.entries(dtypes).sort((a, b) => b[1] - a[1])[0]?.[0]
}

const shown = (name: string): string => JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name)

const invalid = (message: string): AppError =>
  new AppError('invalid', `No GGUF file: ${message}`, { reason: 'GGUF_INVALID' })
