import { stringifyJson } from '@easel/protocol'
import * as ws from 'ws'
import type { LiveMessage } from '@easel/bus'
import type { Recorded } from './activity.repository.ts'

/** An event as it goes out; written once, however many listen. */
export type EventMessage = {
  readonly spaceId: string | null
  readonly type: string
  /** The first word of the type, which decides the scope that it asks for. */
  readonly area: string
  /** Of its data, about: what it costs to keep. */
  readonly size: number
  readonly subject: string
  /** Durable events only: what a client may resume after. */
  readonly cursor?: bigint
  /** A WebSocket frame, ready for the wire. */
  frame(): Buffer
  /** None for what has bytes: server-sent events are text. */
  sse(): string | undefined
  /** The event's JSON. */
  text(): string
}

export type DurableEvent = EventMessage & { readonly cursor: bigint }

export function durableMessage(recorded: Recorded): DurableEvent {
  const { cursor, spaceId, type, subject, time, data } = recorded
  const head = JSON.stringify({ id: String(cursor), type, time, spaceId })
  const text = once(() => `${head.slice(0, -1)},"data":${data}}`)
  return {
    cursor,
    spaceId,
    type,
    area: areaOf(type),
    size: data.length,
    subject,
    text,
    frame: once(() => textFrame(text())),
    sse: once(() => `id: ${cursor}\nevent: ${type}\ndata: ${text()}\n\n`),
  }
}

const types: Readonly<Record<string, string>> = {
  'job-progress': 'job.progress',
  'job-preview': 'job.preview',
  'download-progress': 'download.progress',
  'scan-progress': 'library.scan',
  'worker-changed': 'worker.changed',
}

/** Lossy ones have no id: there is nothing to resume after. */
export function liveMessage(message: LiveMessage): EventMessage | undefined {
  const type = types[message.channel]
  if (type === undefined) return undefined
  const spaceId = message.spaceId === 'system' ? null : message.spaceId
  const { bytes } = message
  const text = once(() =>
    stringifyJson({ type, time: new Date().toISOString(), spaceId, data: message.data }),
  )
  return {
    spaceId,
    type,
    area: areaOf(type),
    size: bytes?.length ?? 0,
    subject: message.key,
    text,
    frame: once(() => (bytes ? binaryFrame(text(), bytes) : textFrame(text()))),
    sse: once(() => (bytes ? undefined : `event: ${type}\ndata: ${text()}\n\n`)),
  }
}

/**
 * Tells one listener that it has everything up to the cursor, and how many lossy events were left out since the
 * last such word.
 */
export function caughtUpMessage(cursor: bigint, dropped: number): DurableEvent {
  const time = new Date().toISOString()
  return durableMessage({
    cursor,
    spaceId: null,
    type: 'stream.caught-up',
    subject: '',
    time,
    data: JSON.stringify({ dropped }),
  })
}

function areaOf(type: string): string {
  return type.slice(0, type.indexOf('.'))
}

/** A text of our own on a socket, such as an answer to a client's message. */
export function textFrame(text: string): Buffer {
  return frameOf(Buffer.from(text), 1)
}

/** Four bytes, big-endian: the length of the JSON that follows; then that JSON; then the bytes of the picture. */
export function binaryFrame(header: string, bytes: Uint8Array): Buffer {
  const json = Buffer.from(header)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(json.length)
  return frameOf(Buffer.concat([length, json, bytes]), 2)
}

function frameOf(data: Buffer, opcode: 1 | 2): Buffer {
  const options = { fin: true, rsv1: false, opcode, mask: false, readOnly: false }
  // Exported, but not in its types.
  const { Sender } = ws as unknown as { Sender: FrameMaker }
  return Buffer.concat(Sender.frame(data, options))
}

type FrameMaker = { frame(data: Buffer, options: object): readonly Buffer[] }

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}
