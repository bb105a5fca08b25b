import { parseJson } from '@easel/protocol'

export type Picked = {
  graph: Record<string, unknown>
  name: string
  /** When it is a saved one. */
  saved?: { id: string; version: number }
}

const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const maxBytes = 64 * 1024 * 1024

/** A workflow out of a file that somebody dropped: JSON, or a PNG that ComfyUI wrote. Throws with what to say. */
export async function readWorkflowFile(file: File): Promise<Picked> {
  if (file.size > maxBytes) throw new Error('This file is larger than any workflow.')
  const bytes = new Uint8Array(await file.arrayBuffer())
  const name = file.name.replace(/\.(json|png)$/i, '').slice(0, 200) || 'Workflow'
  if (pngSignature.every((byte, index) => bytes[index] === byte)) {
    const texts = readPngText(bytes)
    // The graph as it ran; else as the page of ComfyUI has it, to which the server says what to do.
    const text = texts.get('prompt') ?? texts.get('workflow')
    if (text === undefined)
      throw new Error('This picture carries no workflow: only those that ComfyUI wrote do.')
    return { graph: readWorkflowText(text), name }
  }
  if (file.type.startsWith('image/') || file.type.startsWith('video/'))
    throw new Error('Of pictures only PNG files that ComfyUI wrote carry a workflow that can be read.')
  return { graph: readWorkflowText(new TextDecoder().decode(bytes)), name }
}

export function readWorkflowText(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = parseJson(text)
  } catch {
    throw new Error('This is not JSON. Drop a workflow that ComfyUI exported, or a picture that it made.')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('This JSON is no workflow.')
  return value as Record<string, unknown>
}

/** `tEXt` chunks of a PNG (ISO/IEC 15948, 11.3.4.3), keyword to text; the first of a keyword counts. */
export function readPngText(bytes: Uint8Array): Map<string, string> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const texts = new Map<string, string>()
  let at = pngSignature.length
  while (at + 12 <= bytes.length) {
    const length = view.getUint32(at)
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    const end = at + 8 + length
    if (type === 'IEND' || end > bytes.length) break
    if (type === 'tEXt') {
      const data = bytes.subarray(at + 8, end)
      const split = data.indexOf(0)
      const keyword = String.fromCharCode(...data.subarray(0, Math.max(0, split)))
      // Latin-1 by the standard, but ComfyUI's JSON is ASCII and others write UTF-8.
      if (split > 0 && !texts.has(keyword))
        texts.set(keyword, new TextDecoder().decode(data.subarray(split + 1)))
    }
    at = end + 4
  }
  return texts
}
