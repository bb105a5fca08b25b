/** MIME type by the first bytes (64 are enough for all but odd files). */
export function sniffMime(_head: Uint8Array): string | undefined {
  throw new Error('Not there yet')
}

/** Width and height in pixels as shown (EXIF rotation of JPEG respected). PNG, JPEG, WebP, GIF. */
export function imageSize(_head: Uint8Array): { width: number; height: number } | undefined {
  throw new Error('Not there yet')
}

/** MIME type by file extension; `application/octet-stream` when unknown. */
export function mimeOfName(_filename: string): string {
  throw new Error('Not there yet')
}
