import type { Dtype } from './dtype.ts'

/** One tensor: `offsets` are [begin, end) in bytes, counted from the end of the header. */
export type TensorInfo = { name: string; dtype: Dtype; shape: number[]; offsets: [number, number] }

export type SafetensorsHeader = {
  /** `__metadata__`, an object without a prototype: any name is safe. Empty when the file has none. */
  metadata: Record<string, string>
  /** In the order of their bytes; at most `maxTensors` of them (`tensorCount` tells how many there are). */
  tensors: TensorInfo[]
  tensorCount: number
  /** Elements of all tensors together. */
  parameterCount: number
  /** Elements by dtype. */
  dtypes: Partial<Record<Dtype, number>>
  /** Length of the JSON in bytes; the data begin at `8 + headerBytes`. */
  headerBytes: number
  dataBytes: number
}
