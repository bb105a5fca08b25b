import { AppError } from '@easel/protocol'
import type { FetchRange } from '@easel/safetensors'

/** One ranged GET. A server that ignores the range would send gigabytes: then only its head is read. */
export const fetchRange: FetchRange = async (url, { start, end, signal }) => {
  const response = await fetch(url, {
    headers: { range: `bytes=${start}-${end}`, 'accept-encoding': 'identity' },
    signal,
  }).catch((cause: unknown) => {
    throw unavailable(url, (cause as Error & { cause?: Error }).cause?.message ?? String(cause))
  })
  try {
    if (response.status === 206) {
      const [, first, total] =
        /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? []
      if (Number(first) !== start || total === undefined) throw unavailable(url, 'it answered another range')
      return { bytes: await readUpTo(response, end - start + 1), totalBytes: Number(total) }
    }
    const length = response.headers.get('content-length')
    if (response.status === 200 && start === 0 && length !== null) {
      return { bytes: await readUpTo(response, end + 1), totalBytes: Number(length) }
    }
    if (response.ok) throw unavailable(url, 'it gives no ranges')
    throw unavailable(url, `it answered ${response.status}`)
  } finally {
    // Whatever was not read is not wanted.
    await response.body?.cancel().catch(() => undefined)
  }
}

async function readUpTo(response: Response, length: number): Promise<Uint8Array> {
  if (!response.body) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= length) break
  }
  return Buffer.concat(chunks).subarray(0, length)
}

function unavailable(url: string, why: string): AppError {
  const { origin, pathname } = new URL(url)
  return new AppError('unavailable', `Cannot read ${origin}${pathname}: ${why}`, { reason: 'URL_UNREADABLE' })
}
