import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One line of a recording made with a real ComfyUI 0.33.0; see the README of this library. */
export type Line =
  | { kind: 'note'; text: string }
  | {
      kind: 'http_request'
      id: number
      method: string
      path: string
      json?: unknown
      raw_body?: string
      headers?: Record<string, string>
      multipart?: FormField[]
    }
  | {
      kind: 'http_response'
      id: number
      status: number
      headers: Record<string, string>
      json?: unknown
      text?: string
      bytes?: number
      base64?: string
    }
  | { kind: 'ws_open'; client: string; url: string }
  | { kind: 'ws_send'; client: string; json?: unknown; text?: string }
  | { kind: 'ws_recv'; client: string; json: SocketMessage }
  | {
      kind: 'ws_recv_binary'
      client: string
      event_type: number
      image_format_code?: number
      metadata?: Record<string, unknown>
    }
  | { kind: 'ws_closed'; client: string; code: number | null }

export type FormField = {
  name: string
  value?: string
  filename?: string
  content_type?: string
  base64?: string
  text?: string
  bytes?: number
}
export type SocketMessage = { type: string; data: Record<string, unknown> }

const folder = join(import.meta.dirname, '..', 'fixtures')

export const transcriptNames = (): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .toSorted()

export const readTranscript = (name: string): Line[] =>
  readFileSync(join(folder, name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
