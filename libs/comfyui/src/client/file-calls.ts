import { randomUUID } from 'node:crypto'
import { AppError } from '@easel/protocol'
import { recordOf } from './comfy-errors.ts'
import type { CallOptions, ComfyLimits, UploadRequest, ViewedFile, ViewOptions } from './client-options.ts'
import { asJson, closed, refused, type HttpCalls } from './http-calls.ts'
import type { ComfyFileRef } from './run-result.ts'
import type { UploadedFile } from './server-answers.ts'
import { unexpected } from './server-calls.ts'

type UserFile = { path: string; size: number; modified: number }

/** Files in and out. */
export class FileCalls {
  readonly #http: HttpCalls
  readonly #limits: ComfyLimits

  constructor(http: HttpCalls, limits: ComfyLimits) {
    this.#http = http
    this.#limits = limits
  }

  uploadImage(file: UploadRequest, options: CallOptions = {}): Promise<UploadedFile> {
    return this.#upload('/api/upload/image', file, options)
  }

  uploadMask(
    file: UploadRequest & { original: ComfyFileRef },
    options: CallOptions = {},
  ): Promise<UploadedFile> {
    return this.#upload('/api/upload/mask', file, options)
  }

  async #upload(path: string, file: UploadRequest & { original?: ComfyFileRef }, options: CallOptions) {
    checkName(file.filename)
    const boundary = `easel-${randomUUID()}`
    const fields: Record<string, string | undefined> = {
      type: file.type,
      subfolder: file.subfolder,
      overwrite: file.overwrite ? 'true' : undefined,
      original_ref: file.original && JSON.stringify(file.original),
    }
    const body = recordOf(
      await this.#http.json(path, {
        ...options,
        method: 'POST',
        transfer: true,
        headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
        body: multipart(boundary, fields, file),
      }),
    )
    if (typeof body.name !== 'string') throw unexpected(path)
    const subfolder = typeof body.subfolder === 'string' ? body.subfolder.replaceAll('\\', '/') : ''
    const type = body.type === 'temp' || body.type === 'output' ? body.type : 'input'
    return {
      name: body.name,
      subfolder,
      type,
      inputName: inputName(body.name, subfolder, type),
    } as UploadedFile
  }

  async view(file: ComfyFileRef, options: ViewOptions = {}): Promise<ViewedFile> {
    const { range, preview, channel, ...call } = options
    const path = '/api/view'
    const { status, headers, body } = await this.#http.stream(path, {
      ...call,
      query: { filename: file.filename, subfolder: file.subfolder, type: file.type, preview, channel },
      headers: range && { range: `bytes=${range.start}-${range.end ?? ''}` },
    })
    const size = headers['content-length'] === undefined ? undefined : Number(headers['content-length'])
    const limit = this.#limits.viewBytes
    if (size !== undefined && size > limit) {
      await closed(body)
      throw tooLarge(limit)
    }
    const failure = (cause: unknown) => this.#http.failure(cause, path, call.signal)
    const total = /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1]
    return {
      stream: bounded(body, limit, failure),
      size,
      totalSize: status === 206 ? (total === undefined ? undefined : Number(total)) : size,
      mime: (headers['content-type'] ?? 'application/octet-stream').split(';')[0]!.trim(),
      etag: headers.etag,
      [Symbol.asyncDispose]: () => closed(body),
    }
  }

  async listUserData(directory: string, options: CallOptions = {}): Promise<UserFile[]> {
    const query = { dir: directory, recurse: true, full_info: true }
    const { status, ...answer } = await this.#http.bytes('/api/userdata', { ...options, query })
    if (status === 404) return [] // no such directory
    if (status >= 400) throw refused('/api/userdata', { status, ...answer })
    const body = asJson('/api/userdata', { status, ...answer })
    return Array.isArray(body) ? (body as UserFile[]) : []
  }

  async readUserData(path: string, options: CallOptions = {}): Promise<Uint8Array | undefined> {
    const { status, body } = await this.#http.bytes(userData(path), options)
    if (status === 404) return undefined
    if (status >= 400)
      throw new AppError('invalid', 'ComfyUI refused the path', { reason: 'REFUSED', details: { status } })
    return body
  }

  async writeUserData(
    path: string,
    body: Uint8Array,
    options: CallOptions & { overwrite?: boolean } = {},
  ): Promise<void> {
    const { overwrite, ...call } = options
    await this.#http.json(userData(path), { ...call, method: 'POST', query: { overwrite }, body })
  }

  async deleteUserData(path: string, options: CallOptions = {}): Promise<void> {
    const { status } = await this.#http.bytes(userData(path), { ...options, method: 'DELETE' })
    if (status === 404) throw new AppError('not_found', 'No such file', { reason: 'NOT_FOUND' })
    if (status >= 400)
      throw new AppError('invalid', 'ComfyUI refused the path', { reason: 'REFUSED', details: { status } })
  }
}

/** What LoadImage and its kin call the file; the type is named when it is not the usual one. */
function inputName(name: string, subfolder: string, type: string): string {
  return `${subfolder ? `${subfolder}/` : ''}${name}${type === 'input' ? '' : ` [${type}]`}`
}

/** One path segment: the server's route takes slashes only when they are escaped. */
const userData = (path: string) => `/api/userdata/${encodeURIComponent(path)}`

function checkName(filename: string): void {
  if (
    filename !== '' &&
    filename.length <= 200 &&
    !/[/\\\u0000-\u001f\u007f]/.test(filename) &&
    !/^\.+$/.test(filename)
  )
    return
  // ComfyUI answers a slash with 500.
  throw new AppError('invalid', 'A file name is needed, without folders or control characters', {
    reason: 'FILENAME_INVALID',
    faults: [{ path: 'filename', message: 'Use 1 to 200 characters without / and \\' }],
  })
}

async function* multipart(
  boundary: string,
  fields: Record<string, string | undefined>,
  file: UploadRequest,
): AsyncGenerator<Uint8Array> {
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue
    yield Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
  }
  const filename = file.filename.replaceAll('"', '\\"')
  const mime = file.mime ?? 'application/octet-stream'
  const head = `content-disposition: form-data; name="image"; filename="${filename}"\r\ncontent-type: ${mime}`
  yield Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`)
  if (file.body instanceof Uint8Array) yield file.body
  else yield* file.body
  yield Buffer.from(`\r\n--${boundary}--\r\n`)
}

async function* bounded(
  body: AsyncIterable<Uint8Array>,
  limit: number,
  failure: (cause: unknown) => unknown,
): AsyncGenerator<Uint8Array> {
  let size = 0
  try {
    for await (const chunk of body) {
      size += chunk.length
      if (size > limit) throw tooLarge(limit)
      yield chunk
    }
  } catch (cause) {
    throw failure(cause)
  }
}

function tooLarge(limit: number): AppError {
  return new AppError('invalid', `The file is larger than ${limit} bytes`, { reason: 'FILE_TOO_LARGE' })
}
