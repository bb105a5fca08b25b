import { isUtf8 } from 'node:buffer'
import { dtypeBits } from './dtype.ts'
import type { Dtype } from './dtype.ts'
import { JsonFault } from './json-cursor.ts'
import { parseHeader } from './parse-header.ts'
import type { DeclaredTensor } from './parse-header.ts'

/** The reference's names for what can be wrong with a file. */
export type HeaderFault =
  | 'HeaderTooSmall'
  | 'HeaderTooLarge'
  | 'InvalidHeaderLength'
  | 'InvalidHeader'
  | 'InvalidHeaderDeserialization'
  | 'InvalidOffset'
  | 'ValidationOverflow'
  | 'MisalignedSlice'
  | 'TensorInvalidInfo'
  | 'MetadataIncompleteBuffer'

/** Tensors in the order of their bytes. All sizes are exact: none can be larger than the file. */
export type SoundTensor = { name: string; dtype: Dtype; shape: number[]; offsets: [number, number] }

export type SoundHeader = { metadata: Map<string, string>; tensors: SoundTensor[]; summary: HeaderSummary }

export type HeaderSummary = {
  tensorCount: number
  parameterCount: number
  dtypes: Partial<Record<Dtype, number>>
  dataBytes: number
}

/** No `AppError`: this runs in a worker thread too, which loads nothing but these files. */
export class FormatFault extends Error {
  override name = 'FormatFault'
  readonly fault: HeaderFault

  constructor(fault: HeaderFault, message: string) {
    super(message)
    this.fault = fault
  }
}

export const prefixBytes = 8
const maxHeaderBytes = 100_000_000

/** Length of the header, from the first eight bytes and the length of the file. */
export function headerLength(head: Uint8Array, totalBytes: number): number {
  if (totalBytes < prefixBytes || head.length < prefixBytes) {
    throw new FormatFault('HeaderTooSmall', 'The file is shorter than eight bytes')
  }
  const length = new DataView(head.buffer, head.byteOffset, prefixBytes).getBigUint64(0, true)
  if (length > maxHeaderBytes) throw new FormatFault('HeaderTooLarge', 'The header is larger than 100 MB')
  if (Number(length) + prefixBytes > totalBytes) {
    throw new FormatFault('InvalidHeaderLength', 'The header is longer than the file')
  }
  return Number(length)
}

/** The verdict over the bytes of a header, in the reference's order of checks. `bytes` is without the prefix. */
export function checkHeader(bytes: Buffer, totalBytes: number): SoundHeader {
  if (!isUtf8(bytes)) throw new FormatFault('InvalidHeader', 'The header is not UTF-8')
  const { metadata, tensors: declared } = parse(bytes)
  const tensors = sortByOffsets(declared)
  const summary: HeaderSummary = { tensorCount: tensors.length, parameterCount: 0, dtypes: {}, dataBytes: 0 }
  let start: number | bigint = 0
  for (const tensor of tensors) {
    const elements = checkTensor(tensor, start)
    start = tensor.end
    summary.parameterCount += elements
    summary.dtypes[tensor.dtype] = (summary.dtypes[tensor.dtype] ?? 0) + elements
  }
  // By now `start` is the sum of all sizes; a bigint among them lies beyond any file.
  if (start !== totalBytes - prefixBytes - bytes.length) {
    throw new FormatFault('MetadataIncompleteBuffer', 'The tensors do not fill the file exactly')
  }
  summary.dataBytes = start
  return { metadata, tensors: tensors.map(sound), summary }
}

function parse(bytes: Buffer) {
  try {
    return parseHeader(bytes)
  } catch (cause) {
    if (cause instanceof JsonFault) throw new FormatFault('InvalidHeaderDeserialization', cause.message)
    throw cause
  }
}

function sortByOffsets(tensors: DeclaredTensor[]): DeclaredTensor[] {
  const ordered = tensors.every(
    (tensor, index) => index === 0 || compareOffsets(tensors[index - 1]!, tensor) <= 0,
  )
  return ordered ? tensors : tensors.sort(compareOffsets)
}

/** Numbers and bigints compare exactly with each other. */
const compareOffsets = (a: DeclaredTensor, b: DeclaredTensor): number =>
  a.begin < b.begin ? -1 : a.begin > b.begin ? 1 : a.end < b.end ? -1 : a.end > b.end ? 1 : 0

/** Checks one tensor that must begin at `start`, and counts its elements. */
function checkTensor({ name, dtype, shape, begin, end }: DeclaredTensor, start: number | bigint): number {
  if (begin !== start || end < begin) {
    throw new FormatFault(
      'InvalidOffset',
      `Tensor ${shown(name)} does not begin where the one before it ends`,
    )
  }
  const elements = product(shape)
  const bits = typeof elements === 'number' ? elements * dtypeBits[dtype] : Infinity
  if (bits > Number.MAX_SAFE_INTEGER) {
    checkLargeTensor(BigInt(elements) * BigInt(dtypeBits[dtype]), BigInt(end) - BigInt(begin))
    return Number(elements)
  }
  if (bits % 8 !== 0) throw misaligned()
  if (typeof begin === 'bigint' || typeof end === 'bigint') {
    if (BigInt(end) - BigInt(begin) !== BigInt(bits / 8)) throw wrongSize()
  } else if (end - begin !== bits / 8) throw wrongSize()
  return Number(elements)
}

function checkLargeTensor(bits: bigint, bytes: bigint): void {
  if (bits >= 2n ** 64n) throw overflow()
  if (bits % 8n !== 0n) throw misaligned()
  if (bits / 8n !== bytes) throw wrongSize()
}

/** Multiplied from left to right, so that a zero behind an overflow does not hide it. */
function product(shape: readonly (number | bigint)[]): number | bigint {
  let elements: number | bigint = 1
  for (const size of shape) {
    if (typeof elements === 'number' && typeof size === 'number') {
      const next: number = elements * size
      if (next <= Number.MAX_SAFE_INTEGER) {
        elements = next
        continue
      }
    }
    elements = BigInt(elements) * BigInt(size)
    if (elements >= 2n ** 64n) throw overflow()
    if (elements <= Number.MAX_SAFE_INTEGER) elements = Number(elements)
  }
  return elements
}

const sound = ({ name, dtype, shape, begin, end }: DeclaredTensor): SoundTensor => ({
  name,
  dtype,
  shape: shape as number[],
  offsets: [begin as number, end as number],
})

const overflow = () => new FormatFault('ValidationOverflow', 'The size of a tensor overflows')
const misaligned = () => new FormatFault('MisalignedSlice', 'A tensor does not end at a byte')
const wrongSize = () => new FormatFault('TensorInvalidInfo', 'A tensor has another size than its shape says')

const shown = (name: string): string => JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name)
