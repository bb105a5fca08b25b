import { once } from 'node:events'
import { waitFor } from '@easel/testing'
import { WebSocket } from 'ws'
import type { Json } from './api.ts'

export type Heard = {
  id?: string
  type: string
  spaceId: string | null
  data: Json
  /** Of a preview: the picture. */
  bytes?: Buffer
  /** `performance.now()` */
  at: number
}

export type Listener = Disposable & {
  readonly heard: readonly Heard[]
  /** When the server has ended it: a close code, or 0 for a response that ended. */
  readonly ended: Promise<number>
  until(matches: (event: Heard) => boolean, timeoutMs?: number): Promise<Heard>
}

/** One that can speak, and stop reading. */
export type SocketListener = Listener & { send(text: string): void; pause(): void; resume(): void }

export async function openSocket(
  url: string,
  { headers = {}, query = '' }: { headers?: Record<string, string>; query?: string },
): Promise<SocketListener> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/events${query}`, { headers })
  const heard: Heard[] = []
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    const event = isBinary ? preview(data) : read(data)
    if (isOfSomething(event)) heard.push(event)
  })
  const ended = new Promise<number>((resolve) => socket.once('close', resolve))
  socket.on('error', () => undefined)
  const opened = once(socket, 'open')
  const refused = once(socket, 'unexpected-response').then(([, answer]) => {
    socket.terminate()
    throw new RefusedSocket((answer as { statusCode: number }).statusCode)
  })
  await Promise.race([opened, refused])
  refused.catch(() => undefined)
  return {
    ...listener(heard, ended, () => socket.terminate()),
    send: (text) => socket.send(text),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  }
}

export class RefusedSocket extends Error {
  readonly status: number

  constructor(status: number) {
    super(`The socket was refused with ${status}`)
    this.status = status
  }
}

/** Four bytes: the length of the JSON that follows; then that JSON; then the picture. */
function preview(data: Buffer): Heard {
  const end = 4 + data.readUInt32BE()
  return { ...read(data.subarray(4, end)), bytes: data.subarray(end) }
}

function read(data: Buffer): Heard {
  return { ...(JSON.parse(data.toString()) as Omit<Heard, 'at'>), at: performance.now() }
}

/** Server-sent events of `/api/events`, or of one job. */
export async function openEventSource(
  url: string,
  headers: Record<string, string>,
  path = '/api/events',
): Promise<Listener> {
  const abort = new AbortController()
  const answer = await fetch(url + path, {
    headers: { accept: 'text/event-stream', ...headers },
    signal: abort.signal,
  })
  if (!answer.ok) throw new RefusedSocket(answer.status)
  const heard: Heard[] = []
  const ended = readEvents(answer, heard).catch(() => -1)
  return listener(heard, ended, () => abort.abort())
}

async function readEvents(answer: Response, heard: Heard[]): Promise<number> {
  let text = ''
  for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + chunk).split('\n\n')
    text = blocks.pop()!
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s) as [string, string]))
      const data = fields.get('data')
      if (data === undefined) continue
      const event = { ...read(Buffer.from(data)), ...(fields.has('id') && { id: fields.get('id')! }) }
      if (isOfSomething(event)) heard.push(event)
    }
  }
  return 0
}

/** Where the stream starts, and where it has caught up, are of the stream itself. */
function isOfSomething({ type }: Heard): boolean {
  return type !== 'hello' && type !== 'stream.caught-up'
}

function listener(heard: Heard[], ended: Promise<number>, close: () => void): Listener {
  return {
    heard,
    ended,
    until: (matches, timeoutMs = 15_000) =>
      waitFor(() => heard.find(matches), { timeoutMs, describe: 'an event' }),
    [Symbol.dispose]: close,
  }
}
