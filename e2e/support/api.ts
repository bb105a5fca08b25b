import { waitFor } from '@easel/testing'

export type Json = Record<string, any>
export type Answer = { status: number; headers: Headers; body: Json }

/** Plain HTTP, as any client would speak it: no SDK, so that the SDK cannot hide a fault. */
export class Api {
  readonly url: string
  readonly key: string
  /** How it says who it is. */
  readonly credentials: Readonly<Record<string, string>>

  constructor(url: string, key: string, credentials: Record<string, string> = bearer(key)) {
    this.url = url
    this.key = key
    this.credentials = credentials
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const answer = await fetch(this.url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...this.credentials,
        ...(body !== undefined && !(body instanceof FormData) && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: bodyOf(body) }),
    })
    const text = await answer.text()
    const json = (answer.headers.get('content-type') ?? '').includes('json')
    return {
      status: answer.status,
      headers: answer.headers,
      body: json && text !== '' ? (JSON.parse(text) as Json) : { text },
    }
  }

  get(path: string): Promise<Answer> {
    return this.send('GET', path)
  }

  async bytes(path: string, headers: Record<string, string> = {}): Promise<Buffer> {
    const answer = await fetch(this.url + path, {
      headers: { ...this.credentials, ...headers },
    })
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
    return Buffer.from(await answer.arrayBuffer())
  }

  /** Submits a graph and gives the job's id. */
  async submit(workflow: Json, more: Json = {}): Promise<string> {
    const { status, body } = await this.send('POST', '/api/jobs', { workflow, ...more })
    if (status !== 202) throw new Error(`POST /api/jobs answered ${status}: ${JSON.stringify(body)}`)
    return body.id as string
  }

  /** The job as it is when it has ended. */
  finished(id: string, timeoutMs = 30_000): Promise<Json> {
    return waitFor(
      async () => {
        const { body } = await this.get(`/api/jobs/${id}`)
        return ['succeeded', 'failed', 'canceled', 'expired'].includes(body.status as string) && body
      },
      { timeoutMs, describe: `the end of job ${id}` },
    )
  }
}

function bodyOf(body: unknown): RequestInit['body'] {
  if (typeof body === 'string' || Buffer.isBuffer(body) || body instanceof FormData)
    return body as RequestInit['body']
  return JSON.stringify(body)
}

export function bearer(key: string): Record<string, string> {
  return key === '' ? {} : { authorization: `Bearer ${key}` }
}
