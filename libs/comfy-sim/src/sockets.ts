import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { isRecord } from './json.ts'
import type { Preview } from './node.ts'

export const serverFeatures = {
  supports_preview_metadata: true,
  supports_model_type_tags: true,
  max_upload_size: 104_857_600,
  extension: { manager: { supports_v4: true } },
  node_replacements: true,
  assets: false,
}

const previewImage = 1
const nodeText = 3
const previewWithMetadata = 4
const formatCodes = { 'image/jpeg': 1, 'image/png': 2 } as const

type Connection = { socket: WebSocket; stream: Duplex; metadata: boolean; silent: boolean; corked: boolean }

export type PreviewLabel = {
  node_id: string
  prompt_id: string
  display_node_id: string
  parent_node_id: null
  real_node_id: string
}

/**
 * The connected clients by their id. A second socket with the same id takes the first one's place, and when either
 * of them closes the id is forgotten: the other stays open and hears nothing more. That is how ComfyUI does it.
 */
export class Sockets {
  private readonly byClient = new Map<string, Connection>()
  private readonly all = new Set<Connection>()

  accept(socket: WebSocket, stream: Duplex, client: string): string {
    const sid = client || randomUUID().replaceAll('-', '')
    const connection: Connection = { socket, stream, metadata: false, silent: false, corked: false }
    this.byClient.set(sid, connection)
    this.all.add(connection)
    let first = true
    socket.on('message', (data: Buffer, binary) => {
      if (first && !binary) this.negotiate(connection, data.toString())
      first = false
    })
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      this.all.delete(connection)
      this.byClient.delete(sid)
    })
    return sid
  }

  has(client: string): boolean {
    return this.byClient.has(client)
  }

  /** To one client, or to everybody when `client` is undefined. */
  send(message: string, client?: string): void {
    if (client !== undefined) this.write(this.byClient.get(client), message)
    else for (const connection of this.byClient.values()) this.write(connection, message)
  }

  wantsMetadata(client: string | undefined): boolean {
    return client !== undefined && this.byClient.get(client)?.metadata === true
  }

  /** A picture in one of the two binary forms; which one the client asked for when it connected. */
  sendPreview(preview: Preview, label: PreviewLabel, client: string | undefined): void {
    this.sendBinary(this.wantsMetadata(client) ? labelled(preview, label) : plain(preview), client)
  }

  /** A text for a node, as a binary message of its own kind. */
  sendText(node: string, text: string, client: string | undefined): void {
    const id = Buffer.from(node)
    const head = Buffer.alloc(8)
    head.writeUInt32BE(nodeText, 0)
    head.writeUInt32BE(id.length, 4)
    this.sendBinary(Buffer.concat([head, id, Buffer.from(text)]), client)
  }

  drop(client: string): void {
    this.byClient.get(client)?.socket.terminate()
  }

  silence(client: string): void {
    const connection = this.byClient.get(client)
    if (connection) connection.silent = true
  }

  dropAll(): void {
    for (const { socket } of this.all) socket.terminate()
    this.all.clear()
    this.byClient.clear()
  }

  private sendBinary(frame: Buffer, client: string | undefined): void {
    if (client !== undefined) this.write(this.byClient.get(client), frame)
    else for (const connection of this.byClient.values()) this.write(connection, frame)
  }

  private negotiate(connection: Connection, text: string): void {
    let message: unknown
    try {
      message = JSON.parse(text)
    } catch {
      return // ComfyUI logs a broken first message and goes on without flags.
    }
    if (!isRecord(message) || message.type !== 'feature_flags') return
    connection.metadata = isRecord(message.data) && message.data.supports_preview_metadata === true
    this.write(connection, JSON.stringify({ type: 'feature_flags', data: serverFeatures }))
  }

  private write(connection: Connection | undefined, message: string | Buffer): void {
    if (!connection || connection.silent || connection.socket.readyState !== connection.socket.OPEN) return
    if (!connection.corked) {
      // A run sends a dozen small messages in a row: let them leave in one write.
      connection.corked = true
      connection.stream.cork()
      process.nextTick(() => {
        connection.corked = false
        connection.stream.uncork()
      })
    }
    connection.socket.send(message)
  }
}

function plain({ format, bytes }: Preview): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(previewImage, 0)
  head.writeUInt32BE(formatCodes[format], 4)
  return Buffer.concat([head, bytes])
}

function labelled({ format, bytes }: Preview, label: PreviewLabel): Buffer {
  const json = Buffer.from(JSON.stringify({ ...label, image_type: format }))
  const head = Buffer.alloc(8)
  head.writeUInt32BE(previewWithMetadata, 0)
  head.writeUInt32BE(json.length, 4)
  return Buffer.concat([head, json, bytes])
}
