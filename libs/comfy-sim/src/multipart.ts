export type FormPart = { name: string; filename?: string; bytes: Buffer }

const headerEnd = Buffer.from('\r\n\r\n')

function parameter(header: string, name: string): string | undefined {
  const extended = new RegExp(`[; ]${name}\\*=utf-8''([^;\\r\\n]*)`, 'i').exec(header)
  if (extended) return decodeURIComponent(extended[1]!)
  const quoted = new RegExp(`[; ]${name}="((?:\\\\.|[^"\\\\])*)"`, 'i').exec(header)
  if (quoted) return quoted[1]!.replaceAll(/\\(.)/g, '$1').replaceAll('%22', '"')
  return new RegExp(`[; ]${name}=([^;\\s]+)`, 'i').exec(header)?.[1]
}

/** The parts of a `multipart/form-data` body; undefined when it is none. */
export function parseMultipart(body: Buffer, contentType: string | undefined): FormPart[] | undefined {
  const boundary =
    contentType?.startsWith('multipart/form-data') && /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType)
  if (!boundary) return undefined
  const mark = Buffer.from(`--${boundary[1] ?? boundary[2]}`)
  const parts: FormPart[] = []
  for (let start = body.indexOf(mark); start >= 0;) {
    const from = start + mark.length
    const next = body.indexOf(mark, from)
    if (next < 0) break
    const split = body.indexOf(headerEnd, from)
    if (split >= 0 && split < next) {
      const header = body.toString('utf8', from, split)
      const disposition = /content-disposition:([^\r\n]*)/i.exec(header)?.[1] ?? ''
      const name = parameter(disposition, 'name')
      const filename = parameter(disposition, 'filename')
      // The line end before the boundary belongs to the boundary.
      const bytes = body.subarray(split + headerEnd.length, next - 2)
      if (name !== undefined) parts.push({ name, bytes, ...(filename !== undefined && { filename }) })
    }
    start = next
  }
  return parts
}
