/** Enough for the size of a picture behind large EXIF and ICC blocks. */
const headBytes = 128 * 1024

/** Looks at the beginning of a stream of bytes on its way through. */
export class FileHead {
  readonly #chunks: Uint8Array[] = []
  #length = 0

  async *through(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      if (this.#length < headBytes) {
        this.#chunks.push(chunk)
        this.#length += chunk.length
      }
      yield chunk
    }
  }

  /** Stable only after the stream has passed. */
  bytes(): Uint8Array {
    return this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)
  }
}
