import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { stringifyJson } from '@easel/protocol'
import { WebSocketServer, type WebSocket } from 'ws'
import {
  answerOf,
  frameBytes,
  historyOf,
  loadTranscript,
  promptsOf,
  type Line,
  type RecordedJson,
  type RecordedPrompt,
} from './transcript.ts'

export type ReplayOptions = {
  /** Whose side of the recording the client under test takes. */
  client?: string
  /** The state moves on, but no message is sent. */
  mute?: boolean
  /** So many look-ups of a finished prompt still answer `{}`. */
  historyLag?: number
  /** The recorder's `/interrupt` waits for ours. */
  ownInterrupts?: boolean
  /** Submissions are taken, but nothing is run. */
  hold?: boolean
  /** The connection breaks instead of the answer to a submission. */
  loseAnswers?: boolean
}

type State = 'pending' | 'running' | 'done' | 'gone'

/**
 * The server side of a recording. It walks through the lines: frames are sent, other clients' requests are
 * taken as done, and it stops at each submission of its own client until the client under test makes it.
 */
export async function startReplay(name: string, options: ReplayOptions = {}): Promise<ReplayServer> {
  const server = new ReplayServer(loadTranscript(name), options)
  await server.listen()
  return server
}

export class ReplayServer implements AsyncDisposable {
  readonly prompts: RecordedPrompt[]
  /** `METHOD /path` of what was asked, in order. */
  readonly asked: string[] = []
  /** Of submissions, as sent. */
  readonly bodies: string[] = []
  readonly #lines: Line[]
  readonly #options: ReplayOptions
  readonly #client: string
  readonly #http = createServer((request, response) => void this.#answer(request, response))
  readonly #sockets = new WebSocketServer({ noServer: true })
  readonly #states = new Map<string, State>()
  readonly #renamed = new Map<string, string>()
  readonly #used = new Set<number>()
  readonly #lag = new Map<string, number>()
  #position = 0
  #moved = Promise.withResolvers<void>()

  constructor(lines: Line[], options: ReplayOptions) {
    this.#lines = lines
    this.#options = options
    this.#client = options.client ?? 'A'
    this.prompts = promptsOf(lines, this.#client)
  }

  async listen(): Promise<void> {
    this.#http.on('upgrade', (request, socket, head) => {
      this.#sockets.handleUpgrade(request, socket, head, (ws) => this.#greet(ws, request))
    })
    this.#http.listen(0, '127.0.0.1')
    await once(this.#http, 'listening')
    this.#walk()
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`
  }

  /** The walk has come to this line. */
  async reached(line: number): Promise<void> {
    while (this.#position < line) await this.#moved.promise
  }

  get atEnd(): boolean {
    return this.#position >= this.#lines.length
  }

  dropSockets(): void {
    for (const socket of this.#sockets.clients) socket.terminate()
  }

  /** As after a restart. */
  forgetEverything(): void {
    this.#states.clear()
    this.dropSockets()
  }

  send(frame: unknown): void {
    for (const socket of this.#sockets.clients)
      socket.send(Buffer.isBuffer(frame) ? frame : stringifyJson(frame))
  }

  #greet(ws: WebSocket, request: IncomingMessage): void {
    const sid = new URL(request.url!, 'http://x').searchParams.get('clientId')
    ws.send(JSON.stringify({ type: 'status', data: { status: { exec_info: { queue_remaining: 0 } }, sid } }))
    ws.once('message', (text: Buffer) => {
      this.asked.push(`WS ${text.toString()}`)
      ws.send(JSON.stringify({ type: 'feature_flags', data: { supports_preview_metadata: true } }))
    })
  }

  #walk(): void {
    while (!this.atEnd) {
      const line = this.#lines[this.#position]!
      if (this.#isOurs(line) && !this.#used.has(this.#position)) break
      if (line.kind === 'ws_recv') this.#frame(line)
      if (line.kind === 'ws_recv_binary' && line.client === this.#client && !this.#options.mute) {
        this.send(frameBytes(line, (id) => this.#newId(id)))
      }
      if (line.kind === 'http_request' && line.path === '/queue' && line.json?.delete) {
        for (const id of line.json.delete)
          if (this.#states.get(id) === 'pending') this.#states.set(id, 'gone')
      }
      if (line.kind === 'http_request' && line.json?.clear && line.path === '/queue') {
        for (const [id, state] of this.#states) if (state === 'pending') this.#states.set(id, 'gone')
      }
      this.#position += 1
    }
    if (this.atEnd) this.#settleRest()
    this.#moved.resolve()
    this.#moved = Promise.withResolvers<void>()
  }

  #isOurs(line: Line): boolean {
    if (line.kind !== 'http_request' || line.method !== 'POST') return false
    if (this.#options.ownInterrupts && line.path === '/interrupt') return true
    return this.prompts.some((prompt) => this.#lines[prompt.line] === line)
  }

  #frame({ client, json }: Line): void {
    const { type, data } = json
    if (type === 'execution_start') this.#move(data.prompt_id, 'running')
    if (type === 'executing' && data.node === null) this.#move(data.prompt_id, 'done')
    if (client !== this.#client || this.#options.mute || type === 'feature_flags' || data.sid) return
    this.send(JSON.parse(this.#renamedText(stringifyJson(json))))
  }

  /** The recorder left before these were over. */
  #settleRest(): void {
    for (const prompt of this.prompts) {
      const state = prompt.recordedId ? this.#states.get(prompt.recordedId) : undefined
      if (state === 'pending' || state === 'running')
        this.#move(prompt.recordedId!, prompt.history ? 'done' : 'gone')
    }
  }

  #move(recordedId: string, state: State): void {
    if (this.#states.has(recordedId)) this.#states.set(recordedId, state)
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const path = request.url!.replace(/^\/api\/(?!jobs|assets)/, '/')
    this.asked.push(`${request.method} ${path}`)
    const text = Buffer.concat(chunks).toString('latin1')
    const isJson = request.headers['content-type'] === 'application/json'
    const body = isJson ? JSON.parse(Buffer.concat(chunks).toString('utf8')) : text
    if (request.method === 'POST' && path === '/prompt') {
      this.bodies.push(text)
      return this.#submitted(body, response)
    }
    if (request.method === 'GET' && path === '/queue') return reply(response, 200, this.#queue())
    if (request.method === 'GET' && path.startsWith('/history/')) {
      return reply(response, 200, this.#history(decodeURIComponent(path.slice(9))))
    }
    if (request.method === 'POST' && (path === '/interrupt' || path === '/queue')) {
      reply(response, 200, undefined)
      for (const id of body?.delete ?? []) this.#takeOut(id)
      return this.#passGate(path)
    }
    const index = this.#lines.findIndex(
      (line, at) =>
        line.kind === 'http_request' &&
        line.method === request.method &&
        samePath(line.path, path) &&
        !this.#used.has(at) &&
        (request.headers.range !== undefined) === (answerOf(this.#lines, at)?.status === 206),
    )
    if (index < 0) return reply(response, 404, undefined)
    if (request.method !== 'GET') this.#used.add(index)
    replyRecorded(response, answerOf(this.#lines, index)!)
  }

  #submitted(body: RecordedJson, response: ServerResponse): void {
    const prompt = this.prompts.find(({ line }) => line === this.#position)
    if (!prompt) return reply(response, 500, undefined)
    this.#used.add(this.#position)
    if (prompt.recordedId) {
      this.#renamed.set(prompt.recordedId, body.prompt_id)
      this.#states.set(prompt.recordedId, 'pending')
    }
    const answer = answerOf(this.#lines, prompt.line)!
    if (this.#options.loseAnswers) response.destroy()
    else reply(response, answer.status, JSON.parse(this.#renamedText(stringifyJson(answer.json))))
    if (!this.#options.hold) setImmediate(() => this.#walk())
  }

  #takeOut(id: string): void {
    for (const [recorded, now] of this.#renamed) {
      if (now === id && this.#states.get(recorded) === 'pending') this.#states.set(recorded, 'gone')
    }
  }

  #passGate(path: string): void {
    const line = this.#lines[this.#position]
    if (line?.path !== path || !this.#isOurs(line)) return
    this.#used.add(this.#position)
    setImmediate(() => this.#walk())
  }

  #queue() {
    const items = (wanted: State) =>
      this.prompts
        .filter(({ recordedId }) => recordedId && this.#states.get(recordedId) === wanted)
        .map(({ recordedId, graph }, index) => [index, this.#newId(recordedId!), graph, {}, []])
    return { queue_running: items('running'), queue_pending: items('pending') }
  }

  #history(id: string) {
    const prompt = this.prompts.find(({ recordedId }) => recordedId && this.#newId(recordedId) === id)
    if (!prompt || this.#states.get(prompt.recordedId!) !== 'done') return {}
    const asked = (this.#lag.get(id) ?? 0) + 1
    this.#lag.set(id, asked)
    if (asked <= (this.#options.historyLag ?? 0)) return {}
    const entry = prompt.history ?? historyOf(this.#lines, prompt)
    return { [id]: JSON.parse(this.#renamedText(stringifyJson(entry))) }
  }

  #newId(recordedId: string): string {
    return this.#renamed.get(recordedId) ?? recordedId
  }

  #renamedText(text: string): string {
    for (const [recorded, now] of this.#renamed) text = text.replaceAll(recorded, now)
    return text
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dropSockets()
    this.#sockets.close()
    this.#http.closeAllConnections()
    this.#http.close()
    await once(this.#http, 'close')
  }
}

/** The order of query parameters means nothing, and no subfolder is the empty one. */
function samePath(a: string, b: string): boolean {
  const [left, right] = [new URL(a, 'http://x'), new URL(b, 'http://x')]
  for (const { searchParams } of [left, right]) {
    searchParams.sort()
    if (searchParams.get('subfolder') === '') searchParams.delete('subfolder')
  }
  return (
    decodeURIComponent(left.pathname) === decodeURIComponent(right.pathname) && left.search === right.search
  )
}

function reply(response: ServerResponse, status: number, json: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(json === undefined ? '' : stringifyJson(json))
}

function replyRecorded(response: ServerResponse, answer: Line): void {
  if (answer.json !== undefined) return reply(response, answer.status, answer.json)
  const headers = answer.headers ?? {}
  response.writeHead(answer.status, headers)
  response.end(
    answer.base64 ? Buffer.from(answer.base64, 'base64') : (answer.text ?? Buffer.alloc(answer.bytes ?? 0)),
  )
}
