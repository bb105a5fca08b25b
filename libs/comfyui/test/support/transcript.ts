import { readFileSync } from 'node:fs'
import { parseJson } from '@easel/protocol'
import type { Graph } from '../../src/index.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into recordings freely
export type RecordedJson = any

/** One line of a recording; which fields are there depends on `kind`. */
export type Line = {
  kind: string
  id: number
  client: string
  url: string
  method: string
  path: string
  status: number
  headers?: Record<string, string>
  json?: RecordedJson
  text?: string
  raw_body?: string
  base64?: string | null
  bytes?: number
  event_type: number
  metadata?: Record<string, unknown>
  frame_base64?: string
}

export function loadTranscript(name: string): Line[] {
  const text = readFileSync(new URL(`../fixtures/${name}.jsonl`, import.meta.url), 'utf8')
  const lines = text.trimEnd().split('\n')
  return lines.map((line) => parseJson(line) as Line)
}

export type RecordedPrompt = {
  line: number
  graph: Graph
  extraData?: Record<string, unknown>
  status: number
  /** Of a 200. */
  recordedId?: string
  /** The recorded history entry, the last one of this id. */
  history?: RecordedJson
}

/** What one recorded client submitted, in order. */
export function promptsOf(lines: Line[], client: string): RecordedPrompt[] {
  const open = lines.find((line) => line.kind === 'ws_open' && line.client === client)
  const clientId = open && new URL(open.url, 'http://x').searchParams.get('clientId')
  return lines.flatMap((line, index): RecordedPrompt[] => {
    const isMine = line.kind === 'http_request' && line.path === '/prompt' && line.method === 'POST'
    const graph = line.json?.prompt
    if (!isMine || !clientId || line.json?.client_id !== clientId || typeof graph !== 'object' || !graph)
      return []
    // The client under test always sends a good id.
    if (line.json.prompt_id !== undefined || Array.isArray(graph)) return []
    const answer = answerOf(lines, index)!
    const recordedId = answer.json?.prompt_id as string | undefined
    const entries = lines.filter(
      (other) => other.kind === 'http_response' && recordedId && other.json?.[recordedId]?.prompt,
    )
    return [
      {
        line: index,
        graph,
        extraData: line.json.extra_data,
        status: answer.status,
        recordedId,
        history: recordedId && entries.at(-1)?.json[recordedId],
      },
    ]
  })
}

/** The recorder numbers a request and its response alike. */
export function answerOf(lines: Line[], request: number): Line | undefined {
  const { id } = lines[request]!
  return lines.find((line, index) => index > request && line.kind === 'http_response' && line.id === id)
}

/** What ComfyUI would have kept of a prompt whose history the recorder did not ask for. */
export function historyOf(lines: Line[], { recordedId, graph }: RecordedPrompt) {
  const frames = lines.flatMap(({ kind, json }) =>
    kind === 'ws_recv' && json.data.prompt_id === recordedId ? [json] : [],
  )
  const outputs = frames.filter(({ type, data }) => type === 'executed' && data.output)
  const messages = frames.filter(({ type }) => type.startsWith('execution_'))
  return {
    prompt: [0, recordedId, graph, {}, []],
    outputs: Object.fromEntries(outputs.map(({ data }) => [data.node, data.output])),
    status: {
      status_str: messages.at(-1)?.type === 'execution_success' ? 'success' : 'error',
      completed: true,
      messages: messages.map(({ type, data }) => [type, data]),
    },
  }
}

/** Frames above 3 000 bytes were recorded without their picture. */
export function frameBytes(line: Line, rename: (id: string) => string): Buffer {
  const recorded = line.frame_base64 ? Buffer.from(line.frame_base64, 'base64') : undefined
  if (line.event_type !== 4)
    return recorded ?? Buffer.concat([uint32(line.event_type), uint32(1), Buffer.alloc(100, 7)])
  const picture = recorded ? recorded.subarray(8 + recorded.readUInt32BE(4)) : Buffer.alloc(100, 7)
  const metadata = JSON.stringify({ ...line.metadata, prompt_id: rename(String(line.metadata!.prompt_id)) })
  return Buffer.concat([uint32(4), uint32(Buffer.byteLength(metadata)), Buffer.from(metadata), picture])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
