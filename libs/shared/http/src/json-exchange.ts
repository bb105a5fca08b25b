import type { Readable } from 'node:stream'
import { exchange } from './exchange.ts'
import type { Transport } from './exchange.ts'
import type { HttpRequest, JsonResponse } from './http-client.ts'
import { urlUnreachable } from './http-errors.ts'

const defaultMaxBytes = 16 * 1024 * 1024

/** The request with a JSON body; POST unless it says otherwise. */
export function withJson(request: HttpRequest, json: unknown): HttpRequest {
  const headers = { 'content-type': 'application/json', ...request.headers }
  return { method: 'POST', ...request, headers, body: JSON.stringify(json) }
}

export async function exchangeJson(transport: Transport, request: HttpRequest): Promise<JsonResponse> {
  const maxBytes = request.maxBytes ?? Math.min(transport.maxBytes, defaultMaxBytes)
  const headers = { accept: 'application/json', ...request.headers }
  const { body, ...response } = await exchange(transport, { ...request, headers, maxBytes })
  return { ...response, json: parse(await readText(body), response.status) }
}

async function readText(body: Readable): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string, status: number): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    if (status >= 200 && status < 300 && status !== 204) throw urlUnreachable('The answer is not JSON', cause)
    return undefined
  }
}
