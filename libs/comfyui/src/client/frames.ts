import { parsePythonJson } from '../python-json.ts'

export type TextFrame = { type: string; data: Record<string, unknown> }

/** An image that came over the socket: a preview, or what SaveImageWebsocket sends. */
export type ImageFrame = {
  mime: string
  bytes: Uint8Array
  /** Only after `supports_preview_metadata` was agreed on; else the frame belongs to what runs now. */
  promptId?: string
  nodeId?: string
}

const previewImage = 1
const text = 3
const previewImageWithMetadata = 4

/** Undefined for what is no message of ComfyUI; never throws. */
export function readTextFrame(body: string): TextFrame | undefined {
  try {
    const frame = parsePythonJson(body) as Partial<TextFrame> | null
    if (typeof frame?.type !== 'string') return undefined
    const data = typeof frame.data === 'object' && frame.data !== null ? frame.data : {}
    return { type: frame.type, data }
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined
    throw cause
  }
}

/**
 * Big-endian: uint32 event type, then by type (PromptServer.encode_bytes and send_image of ComfyUI):
 * 1: uint32 format (1 JPEG, 2 PNG), image; 3: uint32 length, node id, text;
 * 4: uint32 length, JSON, image. Undefined for other types and for cut frames.
 */
export function readBinaryFrame(
  frame: Uint8Array,
): ImageFrame | { nodeId: string; text: string } | undefined {
  if (frame.length < 8) return undefined
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  const second = view.getUint32(4)
  switch (view.getUint32(0)) {
    case previewImage:
      return { mime: second === 2 ? 'image/png' : 'image/jpeg', bytes: new Uint8Array(frame.subarray(8)) }
    case text:
      if (8 + second > frame.length) return undefined
      return { nodeId: utf8(frame.subarray(8, 8 + second)), text: utf8(frame.subarray(8 + second)) }
    case previewImageWithMetadata: {
      if (8 + second > frame.length) return undefined
      const about = readTextFrame(`{"type":"","data":${utf8(frame.subarray(8, 8 + second))}}`)?.data
      if (!about) return undefined
      return {
        mime: typeof about.image_type === 'string' ? about.image_type : 'image/jpeg',
        bytes: new Uint8Array(frame.subarray(8 + second)),
        promptId: typeof about.prompt_id === 'string' ? about.prompt_id : undefined,
        nodeId: typeof about.node_id === 'string' ? about.node_id : undefined,
      }
    }
    default:
      return undefined
  }
}

const utf8 = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
