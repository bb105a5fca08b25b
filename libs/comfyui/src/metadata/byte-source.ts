/** Random access to a file of any size. `read` may give fewer bytes only at the end. */
export type ByteSource = { size: number; read(offset: number, length: number): Promise<Uint8Array> }

export function sourceOf(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
  }
}

export const latin1 = (bytes: Uint8Array) => bufferOf(bytes).toString('latin1')
export const utf8 = (bytes: Uint8Array) => bufferOf(bytes).toString('utf8')
export const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const bufferOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
