import { Transform } from 'node:stream'
import type { Readable } from 'node:stream'
import { responseTooLarge } from './http-errors.ts'

/** The body with errors translated, cut off with `RESPONSE_TOO_LARGE` after `maxBytes`. */
export function limitedBody(
  source: Readable,
  maxBytes: number,
  translate: (cause: unknown) => Error,
): Readable {
  let received = 0
  const body = new Transform({
    highWaterMark: 256 * 1024,
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length
      if (received > maxBytes) done(responseTooLarge(maxBytes))
      else done(null, chunk)
    },
  })
  source.on('error', (cause) => body.destroy(translate(cause)))
  body.on('close', () => source.destroy())
  // Whoever reads sees the error; a body nobody reads must not bring the process down.
  body.on('error', () => undefined)
  return source.pipe(body)
}
