import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'

const mostBytes = 4_096
const longestMs = 2_000
const mostCharacters = 200

/** What a server says with a refusal, in its own words: at most a line, and undefined for a page or for nothing. */
export async function refusalWords(
  body: Readable,
  headers: IncomingHttpHeaders,
): Promise<string | undefined> {
  const text = await beginningOf(body)
  return wordsIn(headers['x-error-message']) ?? wordsIn(toldIn(text, headers['content-type'] ?? ''))
}

/** Who sends it slowly, or breaks off, is not waited for. */
async function beginningOf(body: Readable): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  const timer = setTimeout(() => body.destroy(), longestMs)
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes >= mostBytes) break
    }
  } catch {
    // The status has said already that there is no file.
  } finally {
    clearTimeout(timer)
  }
  return Buffer.concat(chunks).subarray(0, mostBytes).toString()
}

function toldIn(text: string, contentType: string): unknown {
  if (/^text\/plain/i.test(contentType)) return text
  try {
    const { message, error, detail } = JSON.parse(text) as Record<string, unknown>
    return [message, error, detail].find((part) => typeof part === 'string')
  } catch {
    return undefined // a page for people, or cut off
  }
}

function wordsIn(told: unknown): string | undefined {
  if (typeof told !== 'string') return undefined
  const line = told
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, mostCharacters)
    .toWellFormed()
  return line === '' ? undefined : line
}
