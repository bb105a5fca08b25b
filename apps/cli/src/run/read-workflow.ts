import { AppError, parseJson } from '@easel/protocol'
import { open, readFile, type FileHandle } from 'node:fs/promises'
import { usageError } from '../exit-codes.ts'

export const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** A graph as a file has it; the server says whether it is one. */
export type WorkflowFile = {
  readonly graph: Record<string, unknown>
  /** The same graph in UI format, where a picture carries it. */
  readonly ui?: Record<string, unknown>
}

const longest = 32 * 1024 * 1024
const stdin = '-'

/** Reads API-format JSON, or the graph out of a file that ComfyUI made (PNG, WebP, MP4, …); `-` is stdin. */
export async function readWorkflow(path: string): Promise<WorkflowFile> {
  if (path === stdin) return { graph: graphIn(await textOf(process.stdin), 'stdin') }
  await using file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ENOENT' ? usageError(`There is no file ${path}`) : cause
  })
  const { size } = await file.stat()
  if (await isText(file)) {
    if (size > longest) throw usageError(`${path} is too large for a workflow`)
    return { graph: graphIn(await readFile(file, 'utf8'), path) }
  }
  const { readMetadata } = await import('@easel/comfyui')
  const { prompt, workflow } = await readMetadata({ size, read: (at, length) => readAt(file, at, length) })
  if (!prompt) {
    throw new AppError('invalid', `${path} carries no workflow in API format`, { reason: 'NO_WORKFLOW' })
  }
  return { graph: prompt, ...(isRecord(workflow) && { ui: workflow }) }
}

/** What a graph is wrapped in when it is the body of a request or taken from a page. */
export function nodesOf(document: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const inner = document.prompt ?? document.output
  return isRecord(inner) && !('class_type' in inner) ? inner : document
}

/** The titles that people gave the nodes, else their classes. */
export function titlesOf(graph: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(nodesOf(graph)).flatMap(([id, node]): [string, string][] => {
      if (!isRecord(node)) return []
      const title = isRecord(node._meta) ? node._meta.title : undefined
      const name = typeof title === 'string' && title !== '' ? title : node.class_type
      return typeof name === 'string' ? [[id, name]] : []
    }),
  )
}

async function isText(file: FileHandle): Promise<boolean> {
  return /^(\ufeff)?\s*(\{|\[|$)/.test(Buffer.from(await readAt(file, 0, 64)).toString('utf8'))
}

async function readAt(file: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const bytes = Buffer.alloc(length)
  const { bytesRead } = await file.read(bytes, 0, length, at)
  return bytes.subarray(0, bytesRead)
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > longest) throw usageError('Too much on stdin for a workflow')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function graphIn(text: string, path: string): Record<string, unknown> {
  const document = parsed(text.replace(/^\ufeff/, ''), path)
  if (isRecord(document)) return document
  throw usageError(`${path} holds no workflow: expected an object of nodes`)
}

function parsed(text: string, path: string): unknown {
  try {
    return parseJson(text)
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw usageError(`${path} is no JSON: ${cause.message}`)
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
